import { type Answer, formatAnswer } from "../output-format.ts";

/** Three questions that a newcomer may ask of the data. */
const examples = [
  `SentinelOneActivities_CL
| where TimeGenerated > ago(1d)
| summarize Activities = count() by ActivityType
| top 5 by Activities`,
  `SentinelOneThreatsLatest
| summarize Threats = count() by MitigationStatus, Classification
| top 5 by Threats`,
  `ConnectorHealth_CL
| summarize Runs = count(), Rows = sum(Uploaded), Newest = max(TimeGenerated) by Connection, Stream
| order by Connection asc, Stream asc`,
];

/** Each query with its answer below it. */
export async function renderExamples(query: (kql: string) => Promise<Answer>): Promise<string> {
  const answered = examples.map(async (kql) => `${kql}\n${formatAnswer(await query(kql), "table")}`);
  return (await Promise.all(answered)).join("\n\n");
}
