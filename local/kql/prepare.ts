import type { DuckDBConnection } from "@duckdb/node-api";
import { nativeFunctions } from "./native/functions.ts";
import { register } from "./native/native-function.ts";
import { epochTicks, lastTick } from "./types.ts";

/** SQL functions of translated queries that are written in SQL. */
const macros = [
  // Outside of the years 1 to 9999 there is no datetime
  `kql_in_time(ticks) AS CASE WHEN ticks BETWEEN 0 AND ${lastTick} THEN ticks::BIGINT END`,
  // Whole microseconds: what DuckDB's own functions can take
  `kql_timestamp(ticks) AS make_timestamp(ticks // 10 - ${epochTicks / 10n})`,
  // The way in which machines write an instant, and DuckDB's own reading of it; a time that does not exist stays null
  `kql_is_plain_time(text) AS (text LIKE '____-__-__T__:__:__Z' OR text LIKE '____-__-__T__:__:__.___Z' OR text LIKE '____-__-__T__:__:__.______Z') AND text[12:13] <> '24'`,
  `kql_plain_time(text) AS kql_in_time((epoch_us(TRY_CAST(text AS TIMESTAMP)) + ${epochTicks / 10n}) * 10)`,
  `kql_ticks(instant) AS (epoch_us(instant) + ${epochTicks / 10n}) * 10`,
  // Each value once, in the order of first appearance; sets beyond a size that a person looks at stay in DuckDB's order
  `kql_distinct(l) AS CASE
     WHEN len(list_distinct(l)) > 10000 THEN list_distinct(l)
     ELSE list_transform(list_sort(list_transform(list_distinct(l), lambda v: {p: list_position(l, v), v: v})), lambda s: s.v)
   END`,
];

/** Gives a connection what translated queries call. To be called once for each connection that runs them. */
export async function prepareConnection(connection: DuckDBConnection): Promise<void> {
  for (const [name, native] of Object.entries(nativeFunctions)) register(connection, name, native);
  for (const macro of macros) await connection.run(`CREATE OR REPLACE TEMP MACRO ${macro}`);
  // DuckDB 1.5 fails on some joins of two arg_max when it plans them without this ("expression type mismatch")
  await connection.run("SET disabled_optimizers = 'top_n_window_elimination'");
}
