import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Folders below `kql/` that hold streams: the two vendors, and the connector's own health. */
export const vendors = ["sentinelone", "valence", "health"] as const;
export type Vendor = (typeof vendors)[number];

/** KQL's own type names. A table's column API spells two of them differently: `tableColumnType` maps them. */
export const columnTypes = ["string", "int", "long", "real", "bool", "datetime", "dynamic", "guid"] as const;
export type ColumnType = (typeof columnTypes)[number];

const inputColumn = z.strictObject({ name: z.string(), type: z.enum(columnTypes) });
const column = z.strictObject({ name: z.string(), type: z.enum(columnTypes), description: z.string().min(1) });

const streamFile = z.strictObject({
  $schema: z.string().optional(),
  /** Log Analytics table that the transform fills, with its `_CL`. */
  table: z.string(),
  /** Name of the stream in its data collection rule, `Custom-…`. */
  stream: z.string(),
  /** Which rule of the vendor carries the stream; at most eight streams share one. */
  rule: z.string(),
  enabledByDefault: z.boolean(),
  description: z.string().min(1),
  /** What is uploaded: the stream declaration of the rule. */
  input: z.array(inputColumn).min(1),
  /** What is stored: the table. */
  columns: z.array(column).min(1),
  /** Columns that identify an object; `Connection` is always one of them. */
  key: z.array(z.string()).min(1),
  /** Column that orders the versions of an object; the newest is what `<Table>Latest` shows. */
  newest: z.string(),
});

export type Column = z.infer<typeof column>;
export type InputColumn = z.infer<typeof inputColumn>;

/** One stream as its folder describes it: `stream.json`, `transform.kql`, and the names that follow from the folder. */
export interface Stream extends Readonly<Omit<z.infer<typeof streamFile>, "$schema">> {
  readonly vendor: Vendor;
  /** The folder's name, e.g. `threats`. */
  readonly name: string;
  /** `<vendor>-<name>`, e.g. `sentinelone-threats`: unique among all streams, used in every resource name. */
  readonly id: string;
  /** KQL that turns `input` into `columns`. */
  readonly transform: string;
}

const root = import.meta.dirname;

/** All streams of one vendor, by name. Throws one error that names every file and field that is wrong. */
export function readStreams(vendor: Vendor): readonly Stream[] {
  const folder = join(root, vendor, "streams");
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return names.map((name) => readStream(vendor, name, join(folder, name)));
}

function readStream(vendor: Vendor, name: string, folder: string): Stream {
  const file = join(folder, "stream.json");
  const parsed = streamFile.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!parsed.success) throw new Error(`${file}:\n${z.prettifyError(parsed.error)}`);
  const { $schema: _, ...description } = parsed.data;
  return {
    ...description,
    vendor,
    name,
    id: `${vendor}-${name}`,
    transform: readFileSync(join(folder, "transform.kql"), "utf8"),
  };
}
