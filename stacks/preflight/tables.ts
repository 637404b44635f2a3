import { tableColumnType } from "../../components/column-types.ts";
import type { ExistingTable, TableColumn } from "../../components/existing.ts";
import type { ResourceDocument } from "../../components/resource-manager.ts";
import { limits, type Stream } from "../../kql/catalog.ts";

/** What the tables API tells of a table, as far as it matters here. */
interface TableProperties {
  readonly plan?: string;
  readonly totalRetentionInDays?: number;
  readonly schema?: { readonly tableSubType?: string; readonly columns?: readonly TableColumn[] };
}

/** What the stack knows of a table from before. */
export interface TableHistory {
  /** Whether the table is the stack's own already. */
  readonly isOurs: boolean;
  /** How often it was mended so far. */
  readonly mended: number;
  /** The columns that it had when the stack was deployed last; undefined where that is not known. */
  readonly deployedColumns: ReadonlySet<string> | undefined;
}

/** What a table that exists asks of the stack; `problems` say why it cannot be taken over as it is. */
export function compareTable(
  stream: Stream,
  found: ResourceDocument,
  history: TableHistory,
  keptDays: number,
): { readonly table: ExistingTable; readonly problems: readonly string[] } {
  const { plan, totalRetentionInDays = 0, schema } = (found.properties ?? {}) as TableProperties;
  const there = new Map((schema?.columns ?? []).map((column) => [column.name, column]));
  const own = new Set(stream.columns.map(({ name }) => name));
  const otherColumns = [...there.values()]
    .filter(({ name }) => !own.has(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(writable);
  // A column that the program has anew was not taken away by anybody.
  const wasThere = (name: string) => history.deployedColumns?.has(name) ?? true;
  const lacks = stream.columns.some(({ name }) => name !== "TimeGenerated" && !there.has(name) && wasThere(name));
  const table = { otherColumns, mended: history.mended + (history.isOurs && lacks ? 1 : 0) };

  if (schema?.tableSubType === "Classic") return { table, problems: [classic(stream, found)] };
  const is = (wrong: boolean, problem: string) => (wrong ? [problem] : []);
  const columns = own.size + otherColumns.length;
  return {
    table,
    problems: [
      ...stream.columns.flatMap((column) => typeProblems(stream, column, there.get(column.name)?.type)),
      ...is(
        plan === "Auxiliary",
        `Table ${stream.table} is of the plan Auxiliary, which no rule can read and which cannot be changed. Delete the table, or have its owner write elsewhere.`,
      ),
      ...is(
        columns > limits.columnsPerTable,
        `Table ${stream.table} would have ${columns} columns with ours; Azure takes ${limits.columnsPerTable}. Remove columns from it that nobody uses.`,
      ),
      ...is(
        !history.isOurs && totalRetentionInDays > keptDays,
        `Table ${stream.table} keeps its rows for ${totalRetentionInDays} days, and this stack would cut that to ${keptDays}: older rows would be lost. Set totalRetentionDays to ${totalRetentionInDays}, or shorten the table's own retention first.`,
      ),
    ],
  };
}

/** Whether a table has every column of a stream's, of the right type. */
export function isComplete(stream: Stream, found: ResourceDocument | undefined): boolean {
  const { schema } = (found?.properties ?? {}) as TableProperties;
  const types = new Map((schema?.columns ?? []).map(({ name, type }) => [name, type.toLowerCase()]));
  return stream.columns.every(
    ({ name, type }) => name === "TimeGenerated" || types.get(name) === tableColumnType(type).toLowerCase(),
  );
}

function typeProblems(stream: Stream, column: Stream["columns"][number], type: string | undefined): string[] {
  const wanted = tableColumnType(column.type);
  if (type === undefined || type.toLowerCase() === wanted.toLowerCase()) return [];
  return [
    `Column ${column.name} of table ${stream.table} is of type ${type}, and has to be of type ${wanted}; Azure never changes a column's type. ` +
      "Take that column out of the table (its values go with it), or delete the table; then deploy again.",
  ];
}

/** Only what the API takes: it shows more of a column than it lets anybody set. */
function writable({ name, type, description, displayName, dataTypeHint }: TableColumn): TableColumn {
  return {
    name,
    type,
    ...(description && { description }),
    ...(displayName && { displayName }),
    ...(dataTypeHint && { dataTypeHint }),
  };
}

function classic({ table }: Stream, { id }: ResourceDocument): string {
  const [, group, workspace] = /\/resourceGroups\/([^/]+)\/.*\/workspaces\/([^/]+)\//i.exec(id) ?? [];
  return (
    `Table ${table} is a classic table, made by the HTTP Data Collector API, and Azure lets nobody else change it. ` +
    `Turn it into a table of today, which cannot be taken back and loses no rows: az monitor log-analytics workspace table migrate --resource-group ${group} --workspace-name ${workspace} --table-name ${table}`
  );
}
