import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { limits, type Vendor, vendors, withoutCommentLines } from "./catalog.ts";

/** How a tile shows its rows, by Azure's own names. */
const visualizations = ["tiles", "table", "piechart", "barchart", "categoricalbar", "timechart"] as const;

/** Colours of Azure Workbooks that say how bad something is. */
const colour = z.enum(["green", "lightBlue", "gray", "yellow", "orange", "red", "redBright"]);

const word = z.string().regex(/^[A-Z]\w*$/);

const tileFile = z.strictObject({
  /** The tile's query is `<tile>.kql`, beside this file. */
  tile: z.string().regex(limits.slug),
  title: z.string().min(1),
  shows: z.enum(visualizations),
  /** Percent of the page. */
  width: z.int().min(20).max(100).default(100),
  /** Of columns of a table: which values get which colour, `"failing"`, `"< 7"`; the first that fits. `default` is for all others. */
  colours: z.record(z.string(), z.record(z.string(), colour)).optional(),
  /** Clicking a row sets this parameter to the row's value of that column. */
  selects: z.strictObject({ parameter: word, column: z.string() }).optional(),
  /** Shown only once this parameter is set by a click. */
  shownFor: word.optional(),
});

const filterFile = z.strictObject({
  name: word,
  /** What to choose from: the values that this column has in this table or function, or in what is left of it by a pipe. */
  column: z.string().min(1),
  from: z.string().min(1),
});

const workbookFile = z.strictObject({
  displayName: z.string().min(1),
  description: z.string().min(1),
  /** How far back the workbook looks until somebody chooses otherwise. */
  days: z.union([z.literal(1), z.literal(7), z.literal(14), z.literal(30), z.literal(90)]),
  filters: z.array(filterFile).min(1),
  sections: z
    .array(z.strictObject({ title: z.string().min(1), text: z.string().optional(), tiles: z.array(tileFile).min(1) }))
    .min(1),
});

export type Tile = Readonly<z.infer<typeof tileFile>> & {
  /** Speaks of `{TimeRange}` and of the workbook's filters and selections, `{Site}`. */
  readonly query: string;
};

/** A workbook of Microsoft Sentinel, from `kql/<vendor>/workbooks/<name>/`: `workbook.json` and one `<tile>.kql` for each tile. */
export interface Workbook extends Readonly<Omit<z.infer<typeof workbookFile>, "sections">> {
  readonly vendor: Vendor;
  readonly name: string;
  /** `<vendor>-<name>`. */
  readonly id: string;
  readonly sections: readonly {
    readonly title: string;
    readonly text?: string | undefined;
    readonly tiles: readonly Tile[];
  }[];
}

/** The parameter that every workbook has; `where TimeGenerated {TimeRange}`. */
export const timeRange = "TimeRange";

/** Every workbook, by vendor and name. Throws one error that lists everything wrong. */
export function readWorkbooks(root: string = import.meta.dirname): readonly Workbook[] {
  const problems: string[] = [];
  const workbooks = vendors.flatMap((vendor) =>
    workbookFolders(root, vendor).flatMap((name): Workbook[] => {
      const folder = join(root, vendor, "workbooks", name);
      try {
        const workbook = readWorkbook(folder, vendor, name);
        problems.push(...problemsOf(workbook, folder).map((problem) => `${vendor}/workbooks/${name}: ${problem}`));
        return [workbook];
      } catch (error) {
        const told = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
        problems.push(`${vendor}/workbooks/${name}: ${told}`);
        return [];
      }
    }),
  );
  const titles = workbooks.map(({ displayName }) => displayName);
  problems.push(
    ...titles.filter((title, index) => titles.indexOf(title) !== index).map((title) => `"${title}" is there twice`),
  );
  if (problems.length > 0) {
    throw new Error(`The workbooks below kql/ are not valid:\n${problems.map((problem) => `- ${problem}`).join("\n")}`);
  }
  return workbooks;
}

/** All tiles of a workbook, in the order of the page. */
export const tilesOf = (workbook: Workbook): readonly Tile[] => workbook.sections.flatMap(({ tiles }) => tiles);

function workbookFolders(root: string, vendor: Vendor): string[] {
  const folder = join(root, vendor, "workbooks");
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function readWorkbook(folder: string, vendor: Vendor, name: string): Workbook {
  const file = workbookFile.parse(JSON.parse(readFileSync(join(folder, "workbook.json"), "utf8")));
  const sections = file.sections.map(({ tiles, ...section }) => ({
    ...section,
    tiles: tiles.map((tile) => ({
      ...tile,
      query: withoutCommentLines(readFileSync(join(folder, `${tile.tile}.kql`), "utf8")),
    })),
  }));
  return { ...file, sections, vendor, name, id: `${vendor}-${name}` };
}

function problemsOf(workbook: Workbook, folder: string): string[] {
  const tiles = tilesOf(workbook);
  const names = tiles.map(({ tile }) => tile);
  const selections = tiles.flatMap(({ selects }) => selects?.parameter ?? []);
  const parameters = [timeRange, ...workbook.filters.map(({ name }) => name), ...selections];
  const isUnused = (parameter: string) => !tiles.some(({ query }) => spokenOf(query).includes(parameter));
  const files = readdirSync(folder).filter((file) => file.endsWith(".kql"));
  return [
    ...parameters.filter(isUnused).map((parameter) => `no tile looks at the parameter ${parameter}`),
    ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `two tiles are called ${name}`),
    ...files.filter((file) => !names.includes(file.slice(0, -4))).map((file) => `no tile shows ${file}`),
    ...tiles.flatMap(({ tile, query, shownFor }) =>
      [...spokenOf(query), ...(shownFor ? [shownFor] : [])]
        .filter((parameter) => !parameters.includes(parameter))
        .map((parameter) => `${tile} speaks of {${parameter}}, and the workbook has no such parameter`),
    ),
  ];
}

/** Parameters that a query speaks of, `{Site}` or `{TimeRange:grain}`. */
const spokenOf = (query: string): string[] => [...query.matchAll(/\{(\w+)(?::\w+)?\}/g)].map(([, name]) => name ?? "");
