import { readCatalog } from "../../../kql/catalog.ts";
import type { Scenario } from "../../kql-content/scenario.ts";
import { type Row, type TestWorkspace } from "../functions/test-workspace.ts";

/** Lets every scenario's records arrive, each scenario over a connection of its own: `<id>-<number of the scenario>`. */
export async function report(
  workspace: TestWorkspace,
  scenarios: ReadonlyMap<{ readonly id: string }, readonly Scenario[]>,
): Promise<void> {
  const rows = [...scenarios].flatMap(([{ id }, told]) =>
    told.flatMap(({ records }, index) => records.map((written) => ({ ...written, connection: `${id}-${index}` }))),
  );
  for (const [streamId, written] of Map.groupBy(rows, ({ stream }) => stream)) {
    const stream = readCatalog().find(({ id }) => id === streamId);
    if (!stream) throw new Error(`There is no stream ${streamId}.`);
    const isWrapped = stream.input.some(({ name }) => name === "Record");
    await workspace.uploadOverTime(
      streamId,
      written.map(({ connection, record, written: at, arrived }): { row: Row; ingested: Date } => ({
        row: isWrapped
          ? { TimeGenerated: new Date(at).toISOString(), Connection: connection, Record: JSON.stringify(record) }
          : { ...record, Connection: connection },
        ingested: new Date(arrived),
      })),
    );
  }
}

/** As much of a row as the scenario speaks of; all of one that it does not expect. */
export function inTermsOf(expected: Row | undefined, row: Row): Row {
  return expected ? Object.fromEntries(Object.keys(expected).map((name) => [name, row[name]])) : row;
}
