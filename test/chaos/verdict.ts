import { keyOfRow } from "../fixtures/source-keys.ts";
import { objectOf, versionOfStored } from "./versions.ts";
import type { Machine, SourceStream } from "./world.ts";

type Row = Readonly<Record<string, unknown>>;

/** What one stream's source showed, and what is in the workspace. */
export interface Evidence {
  readonly stream: Pick<SourceStream, "id" | "key" | "inventory">;
  /** Names of what the source showed before the last passes, and after them. */
  readonly before: ReadonlySet<string>;
  readonly after: ReadonlySet<string>;
  readonly stored: readonly Row[];
  /** Rows of the stream's `…Latest`. */
  readonly latest: readonly Row[];
  /** `<stream>|<version>` of rows whose batch was in flight when something broke. */
  readonly mayBeTwice: ReadonlySet<string>;
}

export interface Verdict {
  /** Distinct versions in the table. */
  readonly rows: number;
  readonly lost: readonly string[];
  readonly twiceOutside: readonly string[];
  readonly twiceInFlight: number;
  /** What is wrong with what analysts see. */
  readonly wrong: readonly string[];
}

/** Compares a stream's source with its table. */
export function judge({ stream, before, after, stored, latest, mayBeTwice }: Evidence): Verdict {
  const { id, key: columns, inventory } = stream;
  const times = countsOf(stored.map(versionOfStored(id)));
  const nameOf = (row: Row) => (inventory ? objectOf(keyOfRow(id)(row)) : keyOfRow(id)(row));
  const known = new Set(stored.map(nameOf));
  const shown = new Set(latest.map(nameOf));
  // What the source showed all the while: a record that changed in between has a new version, which took the old one's place.
  const expected = [...before].filter((key) => after.has(key));
  const twice = [...times].filter(([, count]) => count > 1).map(([key, count]) => ({ key: `${id}|${key}`, count }));
  const outside = twice.filter(({ key }) => !mayBeTwice.has(key));
  const inFlight = twice.filter(({ key }) => mayBeTwice.has(key));
  const objects = countsOf(latest.map((row) => columns.map((column) => String(row[column])).join("|")));
  return {
    rows: times.size,
    lost: expected.filter((key) => !known.has(key)).map((key) => `${id}|${key}`),
    twiceOutside: outside.map(({ key }) => key),
    twiceInFlight: inFlight.reduce((sum, { count }) => sum + count - 1, 0),
    wrong: [
      ...expected.filter((key) => known.has(key) && !shown.has(key)).map((key) => `…Latest lacks ${id}|${key}`),
      ...[...objects].filter(([, count]) => count > 1).map(([key]) => `…Latest shows ${id}|${key} twice`),
    ],
  };
}

/** What the console tells of a machine at any time is what analysts see, but for one that came back: the next snapshot tells that. */
export function judgeMachines(shown: readonly Machine[], latest: readonly Row[]): string[] {
  const seen = new Map(latest.map((row) => [row["Id"], row]));
  return shown.flatMap((machine) => {
    const row = seen.get(machine.id) ?? {};
    const states = Object.entries(machine.state).filter(([column, value]) => row[column] !== value);
    const told = machine.isSilent && row["IsActive"] !== false ? ["IsActive"] : [];
    return [...states.map(([column]) => column), ...told].map(
      (column) => `…Latest tells an old ${column} of agent ${machine.id}`,
    );
  });
}

function countsOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
