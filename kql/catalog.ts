import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";

/** Folders below `kql/` that hold streams: the two vendors, and the connector's own health. */
export const vendors = ["sentinelone", "valence", "health"] as const;
export type Vendor = (typeof vendors)[number];

/** KQL's own names of the types that a column may have. Azure's APIs spell some of them differently; components map them. */
export const columnTypes = ["string", "int", "long", "real", "bool", "datetime", "dynamic", "guid"] as const;
export type ColumnType = (typeof columnTypes)[number];

const inputColumn = z.strictObject({ name: z.string(), type: z.enum(columnTypes).exclude(["guid"]) });
const column = z.strictObject({ name: z.string(), type: z.enum(columnTypes), description: z.string().min(1) });

const streamFile = z.strictObject({
  /** Log Analytics table that the transform fills, with its `_CL`. */
  table: z.string(),
  /** Name of the stream in its data collection rule, `Custom-…`. */
  stream: z.string(),
  /** Which rule of the vendor carries the stream. */
  rule: z.string(),
  enabledByDefault: z.boolean(),
  /** Whether its table may have the plan Basic: neither rules nor functions can read it then, so nothing of ours may. */
  basicAllowed: z.boolean().default(false),
  description: z.string().min(1),
  /** What is uploaded: the stream declaration of the rule. */
  input: z.array(inputColumn).min(1),
  /** What is stored: the table. */
  columns: z.array(column).min(1),
  /** Columns that identify an object; `Connection` is always one of them. */
  key: z.array(z.string()).min(1),
  /** Column that orders the versions of an object; the newest is what `<Table>Latest` shows. */
  newest: z.string(),
  /**
   * How rows are told apart as the worker's ledger does, where that can be seen in the table: the column of the time that is followed, and those
   * that name one version of a record. So a stretch of the past can be read again without sending what is stored.
   */
  windows: z.strictObject({ time: z.string(), version: z.array(z.string()).min(1) }).optional(),
});

/** One stream as its folder describes it: `stream.json`, `transform.kql`, and the names that follow from the folder. */
export interface Stream extends Readonly<z.infer<typeof streamFile>> {
  readonly vendor: Vendor;
  /** The folder's name, e.g. `threats`. */
  readonly name: string;
  /** `<vendor>-<name>`, e.g. `sentinelone-threats`: unique among all streams, used in every resource name. */
  readonly id: string;
  /** KQL that turns `input` into `columns`, without the comment lines of its file: Azure counts characters. */
  readonly transform: string;
}

/**
 * What Azure allows, and how far we go within it: a rule takes ten flows, of which two stay free, so that a stream can be split
 * without moving another.
 * @see https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits#data-collection-rules
 * @see https://learn.microsoft.com/azure/azure-monitor/logs/create-custom-table
 */
export const limits = {
  transformCharacters: 15_360,
  flowsPerRule: 8,
  columnsPerTable: 500,
  tableColumnName: /^[A-Za-z]\w{1,44}$/,
  inputColumnName: /^[A-Za-z]\w{0,59}$/,
  tableName: /^[A-Za-z]\w{0,59}_CL$/,
  streamName: /^Custom-[A-Za-z]\w{0,59}$/,
  /** Folders and rules become parts of resource names. */
  slug: /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
} as const;

/** Names that Azure keeps for itself, exactly so written: `Id` is free where `id` is not. */
const reserved = {
  table: new Set([
    "id",
    "BilledSize",
    "IsBillable",
    "InvalidTimeGenerated",
    "TenantId",
    "Title",
    "Type",
    "UniqueId",
    "_ItemId",
    "_ResourceGroup",
    "_ResourceId",
    "_SubscriptionId",
    "_TimeReceived",
  ]),
  stream: new Set(["_ResourceId", "id", "_SubscriptionId", "TenantId", "Type", "UniqueId", "Title"]),
} as const;

/** Column that `latestFunction` adds on its way; no table may have it. */
const ingestedAt = "IngestedAt";

/**
 * Every stream, by vendor and name. Throws one error that lists everything wrong in any of them, file by file.
 * @param root folder that holds `<vendor>/streams/<stream>/`; default: this one
 */
export function readCatalog(root: string = import.meta.dirname): readonly Stream[] {
  const problems: string[] = [];
  const streams = vendors
    .flatMap((vendor) => streamFolders(root, vendor).map((name) => readStream(root, vendor, name, problems)))
    .filter((stream) => stream !== undefined);
  for (const stream of streams) {
    problems.push(...problemsOf(stream).map((problem) => `${stream.vendor}/streams/${stream.name}: ${problem}`));
  }
  problems.push(...problemsBetween(streams));
  if (problems.length > 0) {
    throw new Error(`The streams below kql/ are not valid:\n${problems.map((problem) => `- ${problem}`).join("\n")}`);
  }
  return streams;
}

/** All streams of one vendor, by name. Throws as `readCatalog` does. */
export function readStreams(vendor: Vendor): readonly Stream[] {
  return readCatalog().filter((stream) => stream.vendor === vendor);
}

/**
 * The function `<Table without _CL>Latest`: one row per object, the newest version of it, with the table's columns in their order.
 * A version that was stored twice is taken as it was stored last; then the record's own time decides, so that an old version that is
 * fetched again later never wins. An object whose versions have no time is shown too.
 */
export function latestFunction(stream: Stream): { readonly name: string; readonly query: string } {
  const key = stream.key.join(", ");
  return {
    name: stream.table.replace(/_CL$/, "Latest"),
    query: [
      stream.table,
      `| extend ${ingestedAt} = ingestion_time()`,
      `| summarize arg_max(${ingestedAt}, *) by ${key}, ${stream.newest}`,
      `| summarize arg_max(${stream.newest}, *) by ${key}`,
      `| project ${stream.columns.map(({ name }) => name).join(", ")}`,
    ].join("\n"),
  };
}

function streamFolders(root: string, vendor: Vendor): string[] {
  return readdirSync(join(root, vendor, "streams"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function readStream(root: string, vendor: Vendor, name: string, problems: string[]): Stream | undefined {
  const folder = join(root, vendor, "streams", name);
  const file = join(folder, "stream.json");
  try {
    const parsed = streamFile.safeParse(JSON.parse(readFileSync(file, "utf8")));
    if (!parsed.success) {
      for (const { path, message } of parsed.error.issues) {
        problems.push(`${relative(root, file)}: ${path.length > 0 ? `${path.join(".")}: ` : ""}${message}`);
      }
      return undefined;
    }
    const transform = withoutCommentLines(readFileSync(join(folder, "transform.kql"), "utf8"));
    return { ...parsed.data, vendor, name, id: `${vendor}-${name}`, transform };
  } catch (error) {
    problems.push(`${vendor}/streams/${name}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** KQL as it is deployed: Azure counts characters. */
export function withoutCommentLines(kql: string): string {
  return kql
    .split(/\r?\n/)
    .filter((line) => !line.trimStart().startsWith("//"))
    .join("\n")
    .trim();
}

function problemsOf(stream: Stream): string[] {
  const names = stream.columns.map(({ name }) => name);
  const inputs = stream.input.map(({ name }) => name);
  const is = (wrong: boolean, problem: string) => (wrong ? [problem] : []);
  return [
    ...is(!limits.slug.test(stream.name), `folder ${quote(stream.name)} must be lower case words joined by "-"`),
    ...is(!limits.slug.test(stream.rule), `rule ${quote(stream.rule)} must be lower case words joined by "-"`),
    ...is(
      !limits.tableName.test(stream.table),
      `table ${quote(stream.table)} must start with a letter and end in "_CL"`,
    ),
    ...is(
      !limits.streamName.test(stream.stream),
      `stream ${quote(stream.stream)} must be "Custom-" and up to 60 letters, digits and "_"`,
    ),
    ...names.flatMap((name) => columnProblems("column", name, limits.tableColumnName, "2 to 45", reserved.table)),
    ...inputs.flatMap((name) => columnProblems("input", name, limits.inputColumnName, "1 to 60", reserved.stream)),
    ...repeated(names).map((name) => `column ${quote(name)} is there twice`),
    ...repeated(inputs).map((name) => `input ${quote(name)} is there twice`),
    ...is(names.length > limits.columnsPerTable, `${names.length} columns; a table takes ${limits.columnsPerTable}`),
    ...is(names.includes(ingestedAt), `column ${quote(ingestedAt)} is taken by the function …Latest`),
    ...is(
      !stream.columns.some(({ name, type }) => name === "TimeGenerated" && type === "datetime"),
      'columns lack "TimeGenerated" of type datetime',
    ),
    ...is(!stream.key.includes("Connection"), 'key lacks "Connection": ids are unique within one console only'),
    ...[...stream.key, stream.newest]
      .filter((name) => !names.includes(name))
      .map((name) => `key or newest ${quote(name)} is not a column`),
    ...(stream.windows ? [stream.windows.time, ...stream.windows.version] : [])
      .filter((name) => !names.includes(name))
      .map((name) => `windows ${quote(name)} is not a column`),
    ...is(
      stream.key.includes(stream.newest),
      `newest ${quote(stream.newest)} is part of the key, so it orders nothing`,
    ),
    ...is(stream.transform === "", "transform.kql is empty"),
    ...is(
      stream.transform.length > limits.transformCharacters,
      `transform.kql has ${stream.transform.length} characters without its comments; Azure takes ${limits.transformCharacters}`,
    ),
  ];
}

function columnProblems(kind: string, name: string, allowed: RegExp, length: string, taken: ReadonlySet<string>) {
  if (taken.has(name)) return [`${kind} ${quote(name)} is a name that Azure reserves`];
  if (allowed.test(name)) return [];
  return [`${kind} ${quote(name)} must have ${length} letters, digits and "_", a letter first`];
}

/** What is wrong only between streams: names that must be unique, rules that are full. */
function problemsBetween(streams: readonly Stream[]): string[] {
  const rules = Map.groupBy(streams, ({ vendor, rule }) => `${vendor}-${rule}`);
  return [
    ...repeated(streams.map(({ table }) => table)).map((table) => `two streams fill the table ${quote(table)}`),
    ...repeated(streams.map(({ stream }) => stream)).map((name) => `two streams are called ${quote(name)}`),
    ...[...rules]
      .filter(([, carried]) => carried.length > limits.flowsPerRule)
      .map(
        ([rule, { length }]) =>
          `rule ${quote(rule)} carries ${length} streams; at most ${limits.flowsPerRule} share one`,
      ),
  ];
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

function quote(text: string): string {
  return JSON.stringify(text);
}
