import type { DuckDBConnection } from "@duckdb/node-api";
import { errorAt } from "./bind.ts";
import type { UnknownProperties } from "./operators/evaluate.ts";
import type { KqlType } from "./schema.ts";

const typeOfJson: Readonly<Record<string, KqlType>> = {
  VARCHAR: "string",
  BIGINT: "long",
  UBIGINT: "long",
  DOUBLE: "real",
  BOOLEAN: "bool",
};

/** The query with the columns of its first `bag_unpack` written out, as the data has them: in the order of their names. */
export async function withProperties(
  connection: DuckDBConnection,
  query: string,
  unknown: UnknownProperties,
): Promise<string> {
  const { node, prefix } = unknown;
  // A node inside of a function has its place in that function's text
  if (!query.slice(node.TextStart, node.End).startsWith("evaluate"))
    throw errorAt(query, 0, "unsupported", unknown.message);
  const reader = await connection.runAndReadAll(unknown.sql);
  const properties = reader.getRowsJS() as [string, (string | null)[]][];
  if (properties.some(([name]) => `${prefix}${name}` === unknown.bag)) {
    throw errorAt(
      query,
      node.TextStart,
      "unsupported",
      `a property is called '${unknown.bag}' like the column itself: rename the column before bag_unpack`,
    );
  }
  const columns = properties.map(
    ([name, kinds]) =>
      `['${`${prefix}${name}`.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}']: ${columnType(kinds)}`,
  );
  return `${query.slice(0, node.End)} : (*${columns.map((column) => `, ${column}`).join("")})${query.slice(node.End)}`;
}

/** The type that all values of a property have in common. */
function columnType(kinds: readonly (string | null)[]): KqlType {
  const types = new Set(
    kinds.filter((kind) => kind !== null && kind !== "NULL").map((kind) => typeOfJson[kind ?? ""] ?? "dynamic"),
  );
  const [only] = types;
  if (types.size === 1 && only !== undefined) return only;
  return types.size === 2 && types.has("long") && types.has("real") ? "real" : "dynamic";
}
