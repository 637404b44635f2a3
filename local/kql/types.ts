import type { KqlType } from "./schema.ts";

/**
 * How values are kept in DuckDB. Times are ticks of 100 ns, as in Kusto, counted from year 1: DuckDB's own timestamps
 * stop at the microsecond. A dynamic value is JSON text; a JSON null is a null. A string is never null.
 */
const stored: Readonly<Record<KqlType, string>> = {
  bool: "BOOLEAN",
  int: "INTEGER",
  long: "BIGINT",
  real: "DOUBLE",
  decimal: "DECIMAL(38, 17)",
  string: "VARCHAR",
  datetime: "BIGINT",
  timespan: "BIGINT",
  dynamic: "VARCHAR",
  guid: "VARCHAR",
};

/** DuckDB's type of a value, without constraints. */
export function sqlType(type: KqlType): string {
  return stored[type];
}

/** What follows a stored column's name in CREATE TABLE or ALTER TABLE ADD COLUMN. */
export function storedType(type: KqlType): string {
  return type === "string" ? "VARCHAR DEFAULT ''" : stored[type];
}

export function isNumber(type: KqlType): boolean {
  return type === "int" || type === "long" || type === "real" || type === "decimal";
}

export const ticksPerSecond = 10_000_000n;
export const ticksPerDay = 864_000_000_000n;
/** Ticks from year 1 to 1970. */
export const epochTicks = 621_355_968_000_000_000n;
/** 9999-12-31T23:59:59.9999999Z. */
export const lastTick = 3_155_378_975_999_999_999n;
