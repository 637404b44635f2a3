import type { ColumnType } from "../kql/catalog.ts";

/** KQL's type name as the table API spells it; it refuses `datetime` and `bool`. */
export function tableColumnType(type: ColumnType): string {
  if (type === "datetime") return "dateTime";
  return type === "bool" ? "boolean" : type;
}

/** KQL's type name as the stream declaration of a data collection rule spells it, which knows no `guid`. */
export function streamColumnType(type: ColumnType): string {
  if (type === "bool") return "boolean";
  return type === "guid" ? "string" : type;
}
