import type { Scope, Translator } from "../context.ts";
import { type Column, compute, filter, type Relation } from "../relation.ts";
import { missing, orEmpty, type Scalar } from "../scalar.ts";
import { convert } from "../scalars/convert.ts";
import { groupsIn, unicodePattern } from "../scalars/regex.ts";
import { escapeRegex } from "../scalars/text-match.ts";
import type { KqlType } from "../schema.ts";
import { columnSql, join, quote, type Sql, sql } from "../sql.ts";
import type { Expression, SyntaxNode } from "../syntax/nodes.ts";
import type { ParseKvOperator, ParseOperator } from "../syntax/operators.ts";
import { elements, is, kindOf } from "../tree.ts";
import { declaredColumns, type OperatorFunction, parametersOf } from "./shape.ts";

/** One part of a pattern: text to be found, anything, or text that becomes a column. */
type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "anything" }
  | { readonly kind: "column"; readonly name: string; readonly type: KqlType };

/** `parse` keeps rows that do not match, with missing values; `parse-where` does not. */
function parse(keepOthers: boolean): OperatorFunction<ParseOperator> {
  return (node, input, scope, translator) => {
    const parameters = parametersOf(node.Parameters);
    const kind = parameters.get("kind")?.ToString().trim() ?? "simple";
    const flags = parameters.get("flags")?.ToString().trim() ?? "";
    const text = convert(translator.scalar(node.Expression, { ...scope, row: input }), "string");
    if (text === undefined) return translator.fail(node.Expression, "only a string can be parsed");
    const parts = elements(node.Patterns).map((part) => partOf(part, translator));
    parts.forEach((part, index) => {
      if (part.kind === "column" && parts[index + 1]?.kind === "column") {
        translator.fail(node, "two columns without text between them are not supported yet");
      }
    });
    const { pattern, groups } = patternOf(parts, kind === "regex", flags, node, translator);

    const found = translator.column("", "dynamic");
    const names = groups.map((_, index) => quote(`g${index}`)).join(", ");
    const matched = sql`CASE WHEN regexp_matches(${text.sql}, ${quote(pattern)}) THEN regexp_extract(${text.sql}, ${quote(pattern)}, [${names}]) END`;
    const values = columnValues(parts, groups, found, kind === "relaxed", node, translator);
    const rows = compute(input.source, new Map([[found.id, matched]]));
    const kept = keepOthers
      ? rows
      : filter(rows, join([sql`${columnSql(found.id)} IS NOT NULL`, ...values.conditions], " AND "));
    return {
      ...input,
      columns: place(node, input, values.columns, translator),
      source: compute(kept, values.computed),
    };
  };
}

function partOf(node: SyntaxNode, translator: Translator): Part {
  if (is(node, "StarExpression")) return { kind: "anything" };
  if (is(node, "StringLiteralExpression") || is(node, "CompoundStringLiteralExpression")) {
    return { kind: "text", text: String(node.LiteralValue) };
  }
  if (is(node, "NameAndTypeDeclaration")) {
    return { kind: "column", name: node.Name.SimpleName, type: node.Type.ToString().trim() as KqlType };
  }
  if (kindOf(node) === "NameDeclaration") {
    return { kind: "column", name: (node as unknown as { SimpleName: string }).SimpleName, type: "string" };
  }
  return translator.fail(node, "this part of a pattern is not supported yet");
}

/** The pattern as one regular expression, and which of its groups are columns. Captures are as short as can be. */
function patternOf(
  parts: readonly Part[],
  isRegex: boolean,
  flags: string,
  node: Expression,
  translator: Translator,
): { pattern: string; groups: readonly (string | undefined)[] } {
  if (!/^[imsU]*$/.test(flags)) translator.fail(node, `the flags '${flags}' are not supported yet`);
  const groups: (string | undefined)[] = [];
  const body = parts.map((part) => {
    if (part.kind === "anything") return ".*?";
    if (part.kind === "text") {
      if (!isRegex) return escapeRegex(part.text);
      for (let count = groupsIn(part.text); count > 0; count -= 1) groups.push(undefined);
      return `(?:${unicodePattern(part.text)})`;
    }
    groups.push(part.name);
    return isRegex ? regexCapture(part.type) : "(.*?)";
  });
  return { pattern: `(?s${flags})^${body.join("")}$`, groups };
}

function regexCapture(type: KqlType): string {
  if (type === "long" || type === "int") return "([-+]?\\d+)";
  return type === "real" ? "([-+]?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?)" : "(.*?)";
}

/** In the strict mode one capture that is not of its type makes all captures missing. */
function columnValues(
  parts: readonly Part[],
  groups: readonly (string | undefined)[],
  found: Column,
  relaxed: boolean,
  node: Expression,
  translator: Translator,
): { columns: Column[]; computed: Map<string, Sql>; conditions: Sql[] } {
  const captures = parts.flatMap((part) => {
    if (part.kind !== "column") return [];
    const capture = orEmpty(sql`${columnSql(found.id)}.g${groups.indexOf(part.name)}`);
    const value = convert(capture, part.type) ?? translator.fail(node, `nothing can be parsed as ${part.type}`);
    return [{ part, value }];
  });
  const conditions = relaxed
    ? []
    : captures.filter(({ part }) => part.type !== "string").map(({ value }) => sql`${value.sql} IS NOT NULL`);
  const computed = new Map<string, Sql>();
  const columns = captures.map(({ part, value }) => {
    const column = translator.column(part.name, part.type);
    const strict =
      conditions.length === 0
        ? value.sql
        : sql`CASE WHEN ${join(conditions, " AND ")} THEN ${value.sql} ELSE ${missing(part.type).sql} END`;
    computed.set(column.id, strict);
    return column;
  });
  return { columns, computed, conditions };
}

/** The columns where the binder wants them: a parsed one stands for an existing one of its name. */
function place(
  node: Expression,
  input: Relation,
  parsed: readonly Column[],
  translator: Translator,
): readonly Column[] {
  return declaredColumns(node).map(
    ({ name }) =>
      parsed.find((column) => column.name === name) ??
      input.columns.find((column) => column.name === name) ??
      translator.fail(node, `the column '${name}' is not supported here`),
  );
}

/** `parse-kv`: pairs of names and values, in any order. */
const parseKv: OperatorFunction<ParseKvOperator> = (node, input, scope, translator) => {
  const text = convert(translator.scalar(node.Expression, { ...scope, row: input }), "string");
  if (text === undefined) return translator.fail(node.Expression, "only a string can be parsed");
  const settings = settingsOf(node, scope, translator);
  const keys = elements(node.Keys.Columns).map(({ Name, Type }) => ({
    name: Name.SimpleName,
    type: Type.ToString().trim() as KqlType,
  }));
  const found = translator.column("", "dynamic");
  const pairs = sql`kql_parse_kv(${text.sql}, ${quote(JSON.stringify(settings))})`;
  const computed = new Map<string, Sql>();
  const columns = keys.map(({ name, type }) => {
    const raw = orEmpty(sql`json_extract_string(${columnSql(found.id)}, ${quote(`$.${JSON.stringify(name)}`)})`);
    const value: Scalar = convert(raw, type) ?? translator.fail(node, `nothing can be parsed as ${type}`);
    const column = translator.column(name, type);
    computed.set(column.id, value.sql);
    return column;
  });
  const source = compute(compute(input.source, new Map([[found.id, pairs]])), computed);
  return { ...input, columns: place(node, input, columns, translator), source };
};

function settingsOf(node: ParseKvOperator, scope: Scope, translator: Translator): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of parametersOf(node.WithClause?.Properties)) {
    if (name !== "pair_delimiter" && name !== "kv_delimiter" && name !== "quote") {
      translator.fail(value, `parse-kv with ${name} is not supported yet`);
    }
    const { constant } = translator.scalar(value, scope);
    if (typeof constant !== "string" || constant === "") translator.fail(value, `${name} needs a text`);
    settings[name] = constant;
  }
  if (settings["pair_delimiter"] === undefined || settings["kv_delimiter"] === undefined) {
    translator.fail(node, "parse-kv is supported with pair_delimiter and kv_delimiter");
  }
  return settings;
}

export const parseOperators = {
  ParseOperator: parse(true),
  ParseWhereOperator: parse(false),
  ParseKvOperator: parseKv,
};
