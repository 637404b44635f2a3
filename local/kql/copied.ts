import type { Translator } from "./context.ts";
import type { Relation } from "./relation.ts";

/** The same rows under new ids, so that a table can be joined with itself. */
export function copied(relation: Relation, translator: Translator): Relation {
  const columns = relation.columns.map((column) => ({
    column,
    copy: translator.column(column.name, column.type, column.nullable),
  }));
  const ids = new Map(columns.map(({ column, copy }) => [copy.id, column.id]));
  return { columns: columns.map(({ copy }) => copy), source: renamed(relation, ids), order: [] };
}

function renamed(relation: Relation, ids: ReadonlyMap<string, string>): Relation["source"] {
  return {
    select: (wanted) => {
      const kept = [...ids].filter(([id]) => wanted.has(id));
      const inner = relation.source.select(new Set(kept.map(([, id]) => id)));
      const list = kept.map(([copy, id]) => `${id} AS ${copy}`);
      return `SELECT ${list.length === 0 ? "1 AS nothing" : list.join(", ")} FROM (${inner})`;
    },
  };
}
