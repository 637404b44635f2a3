import { condition, negated, type Scalar, scalar, stringConstant } from "../scalar.ts";
import { join, type Sql, sql } from "../sql.ts";
import { comparable } from "./comparison.ts";
import { convert } from "./convert.ts";
import { hasTerm } from "./text-match.ts";

/** One item on the right of `in` or `has_any`: a value, or all values of an array or of a table's first column. */
export type Item =
  | { readonly kind: "value"; readonly value: Scalar }
  | { readonly kind: "list"; readonly list: Sql; readonly constants?: readonly string[] };

/** The elements of a JSON array as a list of strings; anything else is a list of itself, null an empty one. */
export function textsOf(json: Sql): Sql {
  return sql`CASE WHEN json_type(${json}) = 'ARRAY' THEN json_extract_string(${json}, '$[*]') WHEN ${json} IS NULL THEN [] ELSE [json_extract_string(${json}, '$')] END`;
}

/** `in`, `in~` and their opposites; undefined if the types cannot be compared. */
export function inList(value: Scalar, items: readonly Item[], kind: string): Scalar | undefined {
  const folded = kind === "InCsExpression" || kind === "NotInCsExpression";
  const fold = (text: Sql) => (folded ? sql`lower(${text})` : text);
  const scalars: Sql[] = [];
  const alternatives: Sql[] = [];
  for (const item of items) {
    if (item.kind === "value") {
      const pair = comparable(value, item.value);
      if (pair === undefined) return undefined;
      const [left, right] = pair;
      if (right.constant === null) continue;
      if (left.sql === value.sql) scalars.push(fold(right.sql));
      else alternatives.push(sql`${fold(left.sql)} = ${fold(right.sql)}`);
    } else {
      // What an array holds shows only in the data: text is compared
      const text = convert(value, "string");
      if (text === undefined) return undefined;
      alternatives.push(
        folded
          ? sql`list_contains(list_transform(${item.list}, lambda x: lower(x)), lower(${text.sql}))`
          : sql`list_contains(${item.list}, ${text.sql})`,
      );
    }
  }
  if (scalars.length > 0) alternatives.unshift(sql`${fold(value.sql)} IN (${join(scalars, ", ")})`);
  const found = condition(alternatives.length === 0 ? sql`false` : sql`(${join(alternatives, " OR ")})`);
  return kind.startsWith("Not") ? negated(found) : found;
}

/** `has_any` and `has_all`. */
export function hasTerms(text: Scalar, items: readonly Item[], every: boolean): Scalar {
  const found = items.flatMap((item): readonly Sql[] => {
    if (item.kind === "value") {
      const needle = convert(item.value, "string");
      return needle === undefined ? [] : [hasTerm(text, needle).sql];
    }
    if (item.constants !== undefined) return item.constants.map((needle) => hasTerm(text, stringConstant(needle)).sql);
    const needle = scalar("string", sql`needle`);
    const matching = sql`len(list_filter(${item.list}, lambda needle: ${hasTerm(text, needle).sql}))`;
    return [every ? sql`${matching} = len(${item.list})` : sql`${matching} > 0`];
  });
  if (found.length === 0) return condition(every ? sql`true` : sql`false`, false);
  return condition(sql`(${join(found, every ? " AND " : " OR ")})`, false);
}
