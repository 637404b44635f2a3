import type { Stream } from "../../kql/catalog.ts";
import type { KqlSchema } from "../../local/kql/schema.ts";

/** What a transform sees: the one table `source`, with the columns that are uploaded. */
export function sourceSchema(stream: Stream): KqlSchema {
  const columns = stream.input.map((column) => ({ ...column, sql: `"${column.name}"` }));
  return { tables: [{ name: "source", columns, relation: "source" }], functions: [] };
}

/** What a query of one stream's rows sees: its table, and when each row was ingested. */
export function tableSchema(stream: Stream): KqlSchema {
  const columns = stream.columns.map(({ name, type }) => ({ name, type, sql: `"${name}"` }));
  return {
    tables: [{ name: stream.table, columns, relation: `"${stream.table}"`, ingestionTime: '"_ingestion_time"' }],
    functions: [],
  };
}
