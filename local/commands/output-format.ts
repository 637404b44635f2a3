import Table from "cli-table3";

/** A query's answer, as the query endpoint gives it. */
export interface Answer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

export const outputFormats = ["table", "json", "csv"] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** `json` is an array of objects keyed by column, `csv` follows RFC 4180. */
export function formatAnswer(answer: Answer, format: OutputFormat): string {
  switch (format) {
    case "table":
      return asTable(answer);
    case "json":
      return JSON.stringify(asObjects(answer), null, 2);
    case "csv":
      return asCsv(answer);
  }
}

function asObjects({ columns, rows }: Answer): readonly Record<string, unknown>[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
}

/** Wider cells are cut with an ellipsis: a terminal is for reading, `json` and `csv` have everything. */
const widestCell = 60;

function asTable({ columns, rows }: Answer): string {
  const table = new Table({ head: columns.map(({ name }) => name), style: { head: [], border: [] } });
  for (const row of rows) table.push(row.map((value) => shorten(asText(value))));
  return `${table.toString()}\n${rows.length} ${rows.length === 1 ? "row" : "rows"}`;
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > widestCell ? `${line.slice(0, widestCell - 1)}…` : line;
}

function asCsv({ columns, rows }: Answer): string {
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => row.map(asText))];
  return lines.map((cells) => cells.map(quote).join(",")).join("\r\n");
}

const quote = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

function asText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
