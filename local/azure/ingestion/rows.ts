import { AzureError } from "../resource-manager/resource-type.ts";
import type { WorkspaceStore } from "../workspace/store.ts";

const shapeSql = `SELECT CASE
  WHEN NOT json_valid($1) THEN 'no JSON'
  WHEN json_type($1) <> 'ARRAY' THEN 'no array'
  WHEN len(list_filter(from_json($1, '["JSON"]'), lambda row: json_type(row) <> 'OBJECT')) > 0 THEN 'no objects'
END`;

/** Throws `AzureError` 400 unless the text is a JSON array of objects. Azure Monitor docs, "Logs Ingestion API: Body". */
export async function requireRows(store: WorkspaceStore, json: string): Promise<void> {
  const result = await store.read((connection) => connection.runAndReadAll(shapeSql, [json]));
  const problem = result.getRows()[0]?.[0];
  if (problem === null) return;
  const found = {
    "no JSON": "it is not valid JSON",
    "no array": "it is JSON, but not an array",
    "no objects": "not every element is an object",
  };
  throw new AzureError(
    400,
    "InvalidContent",
    `The body must be a JSON array of objects: ${found[problem as keyof typeof found]}.`,
  );
}
