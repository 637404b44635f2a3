import type { Part } from "./part.ts";
import type { KqlType } from "./schema.ts";
import { columnSql, join, raw, type Sql, sql } from "./sql.ts";
import { askTogether } from "./together.ts";

/** A column on its way through a query. `id` is unique in the query, so that KQL's names never reach SQL. */
export interface Column {
  readonly id: string;
  readonly name: string;
  readonly type: KqlType;
  /** False only where no row can hold null: strings, and what is computed from such values. */
  readonly nullable: boolean;
}

export interface SortKey {
  readonly id: string;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Rows as KQL sees them (`columns`), how SQL makes them (`source`), and by what they are sorted, if they are. */
export interface Relation {
  readonly columns: readonly Column[];
  readonly source: Source;
  readonly order: readonly SortKey[];
  /**
   * For rows that come from the query's own text: what tells their order where `order` is empty (nothing, while they are
   * as written). A stored table's rows have none, and to make one up would cost time.
   */
  readonly natural?: readonly SortKey[];
  /** What `ingestion_time()` says of a row; it has no name and is lost where rows are no longer those of a table. */
  readonly ingestionTime?: Column;
  /** Columns that hold a part of a JSON document, by id: what is asked of them can be asked of the document at once. */
  readonly parts?: ReadonlyMap<string, Part>;
}

/** One step of a query. It writes only those of its columns that are asked for. */
export interface Source {
  /** A whole SELECT whose columns are named by their ids. */
  select(wanted: ReadonlySet<string>): string;
  /** The same rows before they were sorted, for what does not care about their order. */
  readonly unsorted?: Source;
}

/** The rows in whatever order is cheapest. */
export function anyOrder(source: Source): Source {
  return source.unsorted ?? source;
}

/** A SELECT that keeps its row count even when nothing of it is wanted. */
function selectList(items: readonly string[]): string {
  return `SELECT ${items.length === 0 ? "1 AS nothing" : items.join(", ")}`;
}

function from(source: Source, wanted: ReadonlySet<string>): string {
  return `FROM (${source.select(wanted)})`;
}

function using(wanted: Iterable<string>, ...pieces: readonly Sql[]): Set<string> {
  const all = new Set(wanted);
  for (const { uses } of pieces) for (const id of uses) all.add(id);
  return all;
}

/** Rows of anything that can stand after FROM; `columns` maps ids to what they are there. */
export function scan(relation: string, columns: ReadonlyMap<string, string>): Source {
  return {
    select: (wanted) =>
      `${selectList([...columns].filter(([id]) => wanted.has(id)).map(([id, text]) => `${text} AS ${id}`))} FROM ${relation}`,
  };
}

/** Literal rows. Every value carries its type, so that an empty table has types too. */
export function values(ids: readonly string[], types: readonly string[], rows: readonly (readonly string[])[]): Source {
  return {
    select: (wanted) => {
      const kept = ids.map((id, index) => ({ id, index })).filter(({ id }) => wanted.has(id));
      if (rows.length === 0) {
        return `${selectList(kept.map(({ id, index }) => `NULL::${types[index]} AS ${id}`))} WHERE false`;
      }
      if (kept.length === 0) return `SELECT 1 AS nothing FROM range(${rows.length})`;
      const typed = rows.map(
        (row, line) =>
          `(${kept.map(({ index }) => (line === 0 ? `${row[index]}::${types[index]}` : row[index])).join(", ")})`,
      );
      return `SELECT * FROM (VALUES ${typed.join(", ")}) rows(${kept.map(({ id }) => id).join(", ")})`;
    },
  };
}

/** Adds computed columns to those of the input. */
export function compute(input: Source, computed: ReadonlyMap<string, Sql>): Source {
  return {
    ...(input.unsorted === undefined ? {} : { unsorted: compute(input.unsorted, computed) }),
    select: (wanted) => {
      const kept = [...computed].filter(([id]) => wanted.has(id));
      if (kept.length === 0) return input.select(wanted);
      const passed = [...wanted].filter((id) => !computed.has(id));
      const inner = using(passed, ...kept.map(([, piece]) => piece));
      const { pieces, lists } = askTogether(new Map(kept));
      return `${selectList([...passed, ...[...pieces].map(([id, piece]) => `${piece.text} AS ${id}`)])} ${from(listed(input, lists), inner)}`;
    },
  };
}

/** The input with lists beside its columns. */
function listed(input: Source, lists: ReadonlyMap<string, string>): Source {
  if (lists.size === 0) return input;
  const items = [...lists].map(([name, list]) => `${list} AS ${name}`);
  return { select: (wanted) => `${selectList([...wanted, ...items])} ${from(input, wanted)}` };
}

export function filter(input: Source, condition: Sql): Source {
  return {
    ...(input.unsorted === undefined ? {} : { unsorted: filter(input.unsorted, condition) }),
    select: (wanted) => `${selectList([...wanted])} ${from(input, using(wanted, condition))} WHERE ${condition.text}`,
  };
}

/** Keeps the rows for which a window condition holds. */
export function qualify(input: Source, condition: Sql): Source {
  return {
    select: (wanted) => `${selectList([...wanted])} ${from(input, using(wanted, condition))} QUALIFY ${condition.text}`,
  };
}

export function sort(input: Source, keys: readonly SortKey[], limit?: Sql): Source {
  return {
    ...(limit === undefined ? { unsorted: anyOrder(input) } : {}),
    select: (wanted) =>
      `${selectList([...wanted])} ${from(input, using([...wanted, ...keys.map(({ id }) => id)]))} ORDER BY ${orderList(keys)}${limit === undefined ? "" : ` LIMIT ${limit.text}`}`,
  };
}

export function orderList(keys: readonly SortKey[]): string {
  return keys
    .map((key) => `${key.id} ${key.descending ? "DESC" : "ASC"} NULLS ${key.nullsFirst ? "FIRST" : "LAST"}`)
    .join(", ");
}

/** Some rows, other ones each time. */
export function shuffled(input: Source, count: Sql): Source {
  return {
    select: (wanted) => `${selectList([...wanted])} ${from(input, wanted)} ORDER BY random() LIMIT ${count.text}`,
  };
}

export function limit(input: Source, count: Sql): Source {
  return { select: (wanted) => `${selectList([...wanted])} ${from(input, wanted)} LIMIT ${count.text}` };
}

/** Groups by `keys`; without any, all rows are one group, even when there is no row. */
export function aggregate(input: Source, keys: ReadonlyMap<string, Sql>, aggregates: ReadonlyMap<string, Sql>): Source {
  return {
    select: (wanted) => {
      const kept = new Map([...keys, ...[...aggregates].filter(([id]) => wanted.has(id))]);
      if (kept.size === 0) return "SELECT 1 AS nothing";
      const inner = using([], ...kept.values());
      const { pieces, lists } = askTogether(kept);
      const items = [...pieces].map(([id, piece]) => `${piece.text} AS ${id}`);
      const groups = [...keys].map((_, index) => index + 1).join(", ");
      return `SELECT ${items.join(", ")} ${from(listed(input, lists), inner)}${keys.size === 0 ? "" : ` GROUP BY ${groups}`}`;
    },
  };
}

export function distinct(input: Source, ids: readonly string[]): Source {
  return { select: () => `SELECT DISTINCT ${ids.join(", ")} ${from(input, new Set(ids))}` };
}

/** Some one row of each combination of the columns. */
export function distinctOn(input: Source, ids: readonly string[]): Source {
  return {
    select: (wanted) =>
      `SELECT DISTINCT ON (${ids.join(", ")}) ${[...using([...wanted, ...ids])].join(", ")} ${from(input, using([...wanted, ...ids]))}`,
  };
}

/** One input after the other; a part maps each id of the union to what stands for it there. */
export function unionAll(
  parts: readonly { readonly source: Source; readonly columns: ReadonlyMap<string, Sql> }[],
): Source {
  return {
    select: (wanted) =>
      parts
        .map(({ source, columns }) => {
          const kept = [...wanted].map((id) => [id, columns.get(id) ?? raw("NULL")] as const);
          const inner = using([], ...kept.map(([, piece]) => piece));
          return `${selectList(kept.map(([id, piece]) => `${piece.text} AS ${id}`))} ${from(source, inner)}`;
        })
        .join(" UNION ALL "),
  };
}

/** A join in SQL's words, e.g. `LEFT JOIN`. Ids are unique, so both sides' columns stand side by side. */
export function joined(
  left: Source,
  kind: string,
  right: Source,
  on: Sql,
  leftIds: ReadonlySet<string>,
  rightIds: ReadonlySet<string>,
): Source {
  return {
    select: (wanted) => {
      const all = using(wanted, on);
      const of = (ids: ReadonlySet<string>) => new Set([...all].filter((id) => ids.has(id)));
      return `${selectList([...wanted])} ${from(left, of(leftIds))} l ${kind} (${right.select(of(rightIds))}) r ON ${on.text}`;
    },
  };
}

/** One row for each element of a list, which stands in a new column. */
export function unnest(input: Source, id: string, list: Sql): Source {
  return {
    select: (wanted) => {
      const passed = [...wanted].filter((other) => other !== id);
      return `${selectList([...passed, `unnest(${list.text}) AS ${id}`])} ${from(input, using(passed, list))}`;
    },
  };
}

/** For each row of the input all rows of a query that may read its columns; which it reads, `used` says afterwards. */
export function lateral(
  input: Source,
  inputIds: ReadonlySet<string>,
  inner: Source,
  used: ReadonlySet<string>,
): Source {
  return {
    select: (wanted) => {
      const inside = inner.select(new Set([...wanted].filter((id) => !inputIds.has(id))));
      const outside = new Set([...[...wanted].filter((id) => inputIds.has(id)), ...used]);
      return `${selectList([...wanted])} ${from(input, outside)} o, LATERAL (${inside}) i`;
    },
  };
}

/** A query that is computed once and read in several places, by its name in the WITH clause. */
export function shared(name: string, ids: readonly string[]): Source {
  return scan(name, new Map(ids.map((id) => [id, id])));
}

export function idsOf(relation: Relation): ReadonlySet<string> {
  return new Set(relation.columns.map(({ id }) => id));
}

/** Null-safe equality of pairs of columns: KQL joins null with null and NaN with NaN. */
export function sameValues(pairs: readonly (readonly [Column, Column])[]): Sql {
  const conditions = pairs.map(([a, b]) => {
    const operator = a.nullable && b.nullable ? "IS NOT DISTINCT FROM" : "=";
    return sql`${columnSql(a.id)} ${operator} ${columnSql(b.id)}`;
  });
  return conditions.length === 0 ? raw("true") : join(conditions, " AND ");
}
