import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Vendor } from "../../kql/catalog.ts";

/** Minutes, hours or days before the run. */
const age = z.string().regex(/^\d+[mhd]$/);

const record = z.record(z.string(), z.unknown());

/**
 * A vendor's record: stream (`sentinelone-threats`), how long ago the vendor wrote it, what it says, and what is out of the ordinary:
 * `arrived`, how long ago it was stored (else a minute after it was written), and `times`, how many there are of it, told apart by `#`.
 * Within a record "@2h" is the time two hours ago.
 */
const entry = z.tuple(
  [z.string(), age, record],
  z.strictObject({ arrived: age.optional(), times: z.int().optional() }),
);

const scenario = z.strictObject({ when: z.string().min(1), records: z.array(entry) });

const eventsFile = z.strictObject({
  /** Each yields these rows, as far as their columns are named here. */
  fires: z.array(scenario.extend({ rows: z.array(record).min(1) })).min(1),
  /** None yields any. */
  silent: z.array(scenario).min(1),
});

/** What a vendor reports, and what a rule or hunting query makes of it. */
export interface Scenario {
  readonly when: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly records: readonly VendorRecord[];
}

/** Times are epoch milliseconds. */
export interface VendorRecord {
  readonly stream: string;
  readonly written: number;
  readonly arrived: number;
  readonly record: Readonly<Record<string, unknown>>;
}

const kqlFolder = join(import.meta.dirname, "..", "..", "kql");

/** Scenarios of `kql/<vendor>/<kind>/<name>/events.json`, for a run at that time; in the hunting queries' files none need be silent. */
export function readScenarios(kind: "rules" | "hunting", { vendor, name }: Located, now: number): readonly Scenario[] {
  const file = join(kqlFolder, vendor, kind, name, "events.json");
  if (!existsSync(file)) throw new Error(`${vendor}/${kind}/${name} has no events.json: nothing shows that it works.`);
  const parsed = (kind === "rules" ? eventsFile : eventsFile.partial({ silent: true })).safeParse(
    JSON.parse(readFileSync(file, "utf8")),
  );
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  const { fires, silent = [] } = parsed.data;
  return [...fires, ...silent.map((quiet) => ({ ...quiet, rows: [] }))].map(({ when, rows, records }) => ({
    when,
    rows,
    records: records.flatMap((written, index) => expand(written, `${index + 1}`, now)),
  }));
}

interface Located {
  readonly vendor: Vendor;
  readonly name: string;
}

function expand(
  [stream, written, template, more = {}]: z.infer<typeof entry>,
  ordinal: string,
  now: number,
): VendorRecord[] {
  const at = now - millisecondsOf(written);
  const arrived = more.arrived === undefined ? at + 60_000 : now - millisecondsOf(more.arrived);
  return Array.from({ length: more.times ?? 1 }, (_, index) => {
    const text = JSON.stringify(template)
      .replaceAll("#", `${index + 1}`)
      .replace(/"@(\d+[mhd])"/g, (_, before: string) =>
        JSON.stringify(new Date(now - millisecondsOf(before)).toISOString()),
      );
    const own = JSON.parse(text) as Record<string, unknown>;
    // Seconds apart, as a console writes them.
    const time = at + index * 1000;
    return { stream, written: time, arrived: arrived + index, record: timed(stream, own, time, `${ordinal}${index}`) };
  });
}

/** A record with what every one of its stream has: an id, and the time at which it was written. */
function timed(stream: string, own: Record<string, unknown>, time: number, id: string): Record<string, unknown> {
  const iso = new Date(time).toISOString();
  const seconds = Math.floor(time / 1000);
  const inside = (key: string, always: Record<string, unknown>) => ({
    ...own,
    [key]: { ...always, ...(own[key] as Record<string, unknown> | undefined) },
  });
  switch (stream) {
    case "sentinelone-threats":
      return { id, ...inside("threatInfo", { createdAt: iso, identifiedAt: iso, updatedAt: iso }) };
    case "sentinelone-policies":
      return inside("policy", { updatedAt: iso });
    case "sentinelone-device-control-events":
      return { id, eventTime: iso, createdAt: iso, ...own };
    case "sentinelone-application-risks":
      return { id, detectionDate: iso, ...own };
    case "valence-alerts":
      return { vuid: id, creationTimestamp: seconds, ...own };
    case "valence-audit-logs":
      return { timeEpoch: seconds, ...own };
    default:
      return { id, createdAt: iso, updatedAt: iso, ...own };
  }
}

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function millisecondsOf(text: string): number {
  return Number(text.slice(0, -1)) * units[text.slice(-1) as keyof typeof units];
}
