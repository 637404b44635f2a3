import type { SelfTestAnswer } from "./selftest.ts";

/** Rows that ask what becomes of difficult values on their way through a transform. */
export interface Canaries {
  /** Value of their column `Connection`. */
  readonly connection: string;
  readonly table: string;
}

/** A row as it is found in the table. */
export interface StoredCanary {
  readonly Id: string;
  readonly Name: string;
  readonly Assets: string;
  readonly FileName: string;
  readonly Length: number;
  readonly Time: string;
}

/** Too large for a number of JavaScript's, as ids within activities are. */
const longNumber = "1234567890123456789";
/** A text that looks like a time has to stay the text that it is. */
const dateLike = "2026-03-18T10:00:00Z";
const deep = "three-levels";
const largeText = 60_000;

/** One row for each question. Nothing in them calls for an analyst: severity INFO, status RESOLVED. */
export function canaryRows(connection: string, now: number): readonly object[] {
  const time = new Date(now).toISOString();
  const row = (id: string, members: string, upload: object = { TimeGenerated: time }) => ({
    ...upload,
    Connection: connection,
    Record: `{"id":"${id}","severity":"INFO","status":"RESOLVED",${members}}`,
  });
  const dated = `"updatedAt":"${time}","createdAt":"${time}"`;
  return [
    row(
      "values",
      `${dated},"name":"${dateLike}","assets":[{"id":${longNumber}}],"process":{"file":{"name":"${deep}"}}`,
    ),
    row("large", `${dated},"description":"${"x".repeat(largeText)}"`),
    // Beyond what a value may have: it comes cut, so that nothing of it can be read, not even its id.
    row("oversized", `${dated},"description":"${"x".repeat(70_000)}"`),
    row("timeless", '"name":"without any time"', { TimeGenerated: null }),
  ];
}

/** What the rows say. */
export function judgeCanaries(rows: readonly StoredCanary[]): readonly SelfTestAnswer[] {
  const find = (id: string) => rows.find(({ Id }) => Id === id);
  const values = find("values");
  const large = find("large");
  const timeless = find("timeless");
  return [
    judge("Does a number of 19 digits survive inside a nested value?", values, ({ Assets }) => Assets, {
      good: ({ Assets }) => Assets.includes(longNumber),
      advice:
        "Ids inside Assets, Data and other nested values are rounded in this workspace. Join on the id columns (AlertId, AgentId, …), which are texts, and report this: the worker can write such numbers as texts.",
    }),
    judge("Does a text that looks like a time stay as it is?", values, ({ Name }) => Name, {
      good: ({ Name }) => Name === dateLike,
      advice:
        "Texts that look like times are written in another form. They name the same instant; compare them with todatetime(), not as texts, and report this.",
    }),
    judge("Can a transform reach three levels deep?", values, ({ FileName }) => FileName || "nothing", {
      good: ({ FileName }) => FileName === deep,
      advice:
        "Columns such as FileName and SiteName of unified alerts stay empty. Report this: the transform can take two steps.",
    }),
    judge("Does a record of 60 kB arrive whole?", large, ({ Length }) => `${Length} characters`, {
      good: ({ Length }) => Length === largeText,
      advice:
        "Large records are lost or cut. Switch off streams with large records (policies), and report this: the worker can shrink them further.",
    }),
    oversized(rows),
    judge("Is a row without any time stored, with one?", timeless, ({ Time }) => Time || "without a time", {
      good: ({ Time }) => Time !== "",
      advice: "Rows without a time are lost. None of the known feeds has them; report this.",
    }),
  ];
}

function judge(
  question: string,
  row: StoredCanary | undefined,
  seen: (row: StoredCanary) => string,
  { good, advice }: { readonly good: (row: StoredCanary) => boolean; readonly advice: string },
): SelfTestAnswer {
  if (!row) {
    const text =
      "Its row did not come into the table. `smoke` tells whether any rows do; DCRLogErrors why one did not.";
    return { question, good: null, seen: "nothing", advice: text };
  }
  const isGood = good(row);
  return { question, good: isGood, seen: seen(row).slice(0, 100), advice: isGood ? null : advice };
}

/** Either is well: the worker shrinks records above 60 kB, since the documents promise 64. */
function oversized(rows: readonly StoredCanary[]): SelfTestAnswer {
  const whole = rows.find(({ Id }) => Id === "oversized");
  const cut = rows.some(({ Id }) => Id === "");
  return {
    question: "What becomes of a record of 70 kB?",
    good: whole || cut ? true : null,
    seen: whole ? "it is stored whole" : cut ? "it is cut, and nothing of it can be read" : "nothing",
    advice:
      whole || cut
        ? null
        : "Its row did not come into the table. That is well, too: the worker sends none that is so large.",
  };
}
