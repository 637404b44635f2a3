import type { DuckDBConnection } from "@duckdb/node-api";
import { readCatalog } from "../../kql/catalog.ts";
import { storedType } from "../../local/kql/engine.ts";
import type { KqlSchema } from "../../local/kql/schema.ts";
import { workspaceSchema } from "../kql-content/workspace-schema.ts";
import { start } from "./kql-questions.ts";

const agentCount = 5000;
const tenDays = 10n * 864_000_000_000n;

/** Creates the connector's tables, stored under KQL's names, with so many activities and a small inventory. */
export async function createRows(connection: DuckDBConnection, count: number): Promise<KqlSchema> {
  const streams = readCatalog();
  for (const { table, columns } of streams) {
    const stored = columns.map(({ name, type }) => `"${name}" ${storedType(type)}`);
    await connection.run(`CREATE TABLE "${table}" (${stored.join(", ")})`);
  }
  await insert(connection, "SentinelOneActivities_CL", activityColumns(count), count);
  await insert(connection, "SentinelOneAgents_CL", agentColumns, agentCount);
  return workspaceSchema(
    streams.map(({ table, columns }) => ({
      name: table,
      columns: [
        ...columns.map(({ name, type }) => ({ name, type, sql: `"${name}"` })),
        { name: "Type", type: "string", sql: `'${table}'` },
      ],
      relation: `"${table}"`,
    })),
  );
}

function insert(
  connection: DuckDBConnection,
  table: string,
  columns: Readonly<Record<string, string>>,
  count: number,
): Promise<unknown> {
  const names = Object.keys(columns).map((name) => `"${name}"`);
  return connection.run(
    `INSERT INTO "${table}" (${names.join(", ")}) SELECT ${Object.values(columns).join(", ")} FROM range(${count}) r(i)`,
  );
}

/** Some number below `limit` for each row; a different one for each salt. */
const some = (salt: number, limit: number) => `(hash(i * 31 + ${salt}) >> 20)::BIGINT % ${limit}`;
const ip = `'10.' || ${some(1, 8)} || '.' || ${some(2, 16)} || '.9'`;
const user = `'user' || ${some(3, 900)} || '@fjord.example'`;
const types = "[27, 27, 27, 27, 33, 33, 52, 90, 133, 134, 2001, 3608, 3750, 4003, 5126]";

function activityColumns(count: number): Readonly<Record<string, string>> {
  const time = `${start} + i * ${tenDays / BigInt(count)}`;
  const texts = [
    `'The management user ' || ${user} || ' logged in to the console with IP ' || ${ip} || '.'`,
    `'Agent ws-' || ${some(4, agentCount)} || ' was updated; nothing else happened on this machine today.'`,
    `'The file dropper' || ${some(5, 99)} || '.exe was QUARANTINED on the machine by the agent.'`,
  ];
  return {
    TimeGenerated: time,
    CreatedAt: time,
    UpdatedAt: time,
    Id: "(900000000000000000 + i)::VARCHAR",
    ActivityType: `${types}[1 + ${some(6, 15)}]`,
    AgentId: `'a' || ${some(7, agentCount)}`,
    UserId: `'u' || ${some(3, 900)}`,
    SiteName: `'site ' || ${some(8, 40)}`,
    AccountName: "'Fjord'",
    Connection: `['emea', 'apac', 'amer'][1 + ${some(9, 3)}]`,
    PrimaryDescription: `CASE ${some(10, 4)} WHEN 0 THEN ${texts[0]} WHEN 1 THEN ${texts[1]} WHEN 2 THEN ${texts[2]} ELSE 'Nothing of note.' END`,
    Data: `'{"username":"' || ${user} || '","ipAddress":"' || ${ip} || '","role":"' || ['Admin', 'SOC', 'Viewer'][1 + ${some(11, 3)}]
      || '","source":"' || ['mgmt', 'api'][1 + ${some(12, 2)}] || '","fullScopeDetails":"Site ' || ${some(8, 40)}
      || '","groups":["g' || ${some(13, 20)} || '","g' || ${some(14, 20)} || '"],"policy":{"id":"' || i || '","name":"default"}}'`,
  };
}

const agentColumns = {
  TimeGenerated: `${start}`,
  Id: "'a' || i",
  ComputerName: "'ws-' || i",
  OsName: "['Windows 11', 'Debian 12', 'macOS 15'][1 + i % 3]",
  IsActive: "i % 7 <> 0",
  Connection: "'emea'",
};
