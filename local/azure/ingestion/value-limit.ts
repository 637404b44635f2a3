import type { KqlType } from "../../kql/schema.ts";

/**
 * Azure Monitor docs, "Service limits: Logs Ingestion API": a field's value above 64 KB is cut. Read as bytes of UTF-8: whoever keeps
 * within that also keeps within 65,536 characters.
 */
const maximumValueBytes = 65_536;

/** SQL that is true for a value of `column` that will be cut. */
export function tooLongSql(type: KqlType, column: string): string {
  return type === "string" || type === "dynamic"
    ? `coalesce(strlen(${column}) > ${maximumValueBytes}, false)`
    : "false";
}

/** SQL of the value that is kept of `column`. Cut JSON is not JSON any more: it is kept as a string. */
export function cutSql(type: KqlType, column: string): string {
  if (type !== "string" && type !== "dynamic") return column;
  // A character has up to four bytes: one of these four lengths does not split one.
  const lengths = [0, 1, 2, 3].map((back) => `try(decode(encode(${column})[1:${maximumValueBytes - back}]))`);
  const cut = `coalesce(${lengths.join(", ")})`;
  return `CASE WHEN ${tooLongSql(type, column)} THEN ${type === "dynamic" ? `to_json(${cut})::VARCHAR` : cut} ELSE ${column} END`;
}
