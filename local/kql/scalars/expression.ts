import { aggregateFunctions } from "../aggregates.ts";
import type { Call, Scope, Translator } from "../context.ts";
import { type Scalar, scalar } from "../scalar.ts";
import type { KqlType } from "../schema.ts";
import { columnSql, raw, sql } from "../sql.ts";
import type {
  FunctionCallExpression,
  MembershipExpression,
  NameReference,
  SelectorExpression,
} from "../syntax/expressions.ts";
import type { Expression } from "../syntax/nodes.ts";
import { elements, is, kindOf } from "../tree.ts";
import { isNumber } from "../types.ts";
import { arithmetic, negate } from "./arithmetic.ts";
import { and, between, comparable, equal, notEqual, or, ordered } from "./comparison.ts";
import { convert, partBy } from "./convert.ts";
import { propertyStep } from "./dynamics.ts";
import { scalarFunctions } from "./functions.ts";
import { dynamicConstant, jsonLiteral, literal } from "./literal.ts";
import { hasTerms, type Item, inList, textsOf } from "./membership.ts";
import { textMatches } from "./text-match.ts";

const orderings: Readonly<Record<string, "<" | "<=" | ">" | ">=">> = {
  LessThanExpression: "<",
  LessThanOrEqualExpression: "<=",
  GreaterThanExpression: ">",
  GreaterThanOrEqualExpression: ">=",
};

/** Translates a scalar expression but for calls of the query's and the workspace's own functions, which `translate.ts` knows. */
export function translateScalar(node: Expression, scope: Scope, translator: Translator): Scalar {
  const known = literal(node);
  if (known !== undefined) return known;
  if (is(node, "ParenthesizedExpression")) return translator.scalar(node.Expression, scope);
  if (is(node, "SimpleNamedExpression")) return translator.scalar(node.Expression, scope);
  if (is(node, "NameReference")) return named(node, scope, translator);
  if (is(node, "DynamicExpression")) {
    const json = jsonLiteral(node);
    return json === undefined
      ? translator.fail(node, "this dynamic literal is not supported yet")
      : dynamicConstant(json);
  }
  if (is(node, "PathExpression") || is(node, "ElementExpression")) return member(node, scope, translator);
  if (is(node, "FunctionCallExpression")) return call(node, scope, translator);
  if (is(node, "UnaryMinusExpression")) return negate(translator.scalar(node.Expression, scope));
  if (is(node, "UnaryPlusExpression")) return translator.scalar(node.Expression, scope);
  if (is(node, "BetweenExpression") || is(node, "NotBetweenExpression")) {
    const [value, low, high] = [node.Left, node.Right.First, node.Right.Second].map((part) =>
      translator.scalar(part, scope),
    ) as [Scalar, Scalar, Scalar];
    const inside = betweenTyped(value, low, high) ?? translator.fail(node, "these types cannot be compared");
    return is(node, "NotBetweenExpression") ? scalar("bool", sql`(NOT ${inside.sql})`, inside.nullable) : inside;
  }
  if (is(node, "ToScalarExpression")) return toScalar(node.Expression, scope, translator);
  const kind = kindOf(node);
  if (
    [
      "InExpression",
      "InCsExpression",
      "NotInExpression",
      "NotInCsExpression",
      "HasAnyExpression",
      "HasAllExpression",
    ].includes(kind)
  ) {
    return membership(node as MembershipExpression, kind, scope, translator);
  }
  if ("Left" in node && "Right" in node)
    return binary(node as Expression & { Left: Expression; Right: Expression }, kind, scope, translator);
  return translator.fail(node, `${kind} is not supported yet`);
}

function betweenTyped(value: Scalar, low: Scalar, high: Scalar): Scalar | undefined {
  // A datetime may be bounded by a start and a length
  const end =
    value.type === "datetime" && high.type === "timespan" ? arithmetic("AddExpression", low, high, "datetime") : high;
  const [a, b] = [comparable(value, low), end === undefined ? undefined : comparable(value, end)];
  return a === undefined || b === undefined ? undefined : between(a[0], a[1], b[1]);
}

function named(node: NameReference, scope: Scope, translator: Translator): Scalar {
  const name = node.SimpleName;
  const column = scope.row?.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) {
    const part = scope.row?.parts?.get(column.id);
    const value = scalar(column.type, columnSql(column.id), column.nullable);
    return part === undefined ? value : { ...value, part };
  }
  const meaning = scope.names.find(name);
  if (meaning?.kind === "scalar") return meaning.value;
  return translator.fail(node, `the name '${name}' is not supported here`);
}

/** `d.name`, `d["name"]`, `d[0]`, `d[expression]`: null where there is no such part. */
function member(node: SelectorExpression, scope: Scope, translator: Translator): Scalar {
  const value = translator.scalar(node.Expression, scope);
  if (value.type !== "dynamic") translator.fail(node, "only a dynamic value has parts");
  if (is(node.Selector, "NameReference")) return partBy(value, propertyStep(node.Selector.SimpleName));
  if (!is(node.Selector, "BracketedExpression")) translator.fail(node, "this selector is not supported yet");
  const selector = translator.scalar(node.Selector.Expression, scope);
  if (typeof selector.constant === "string") return partBy(value, propertyStep(selector.constant));
  if (typeof selector.constant === "bigint") return partBy(value, `[${selector.constant}]`);
  const step =
    selector.type === "string"
      ? sql`'$.' || to_json(${selector.sql})::VARCHAR`
      : sql`'$[' || ${(convert(selector, "long") ?? selector).sql} || ']'`;
  return scalar("dynamic", sql`nullif(json_extract(${value.sql}, ${step})::VARCHAR, 'null')`);
}

function binary(
  node: Expression & { Left: Expression; Right: Expression },
  kind: string,
  scope: Scope,
  translator: Translator,
): Scalar {
  const left = translator.scalar(node.Left, scope);
  const right = translator.scalar(node.Right, scope);
  if (kind === "AndExpression") return and(left, right);
  if (kind === "OrExpression") return or(left, right);
  const match = textMatches[kind];
  if (match !== undefined) {
    const [text, needle] = [convert(left, "string"), convert(right, "string")];
    return text === undefined || needle === undefined
      ? translator.fail(node, "only strings can be searched")
      : match(text, needle);
  }
  const type = node.ResultType?.Name as KqlType;
  if (type !== "bool") return computed(node, kind, left, right, type, translator);
  if (left.type === "dynamic" && right.type === "dynamic" && left.constant !== null && right.constant !== null)
    return translator.fail(node, "two dynamic values cannot be compared: convert one, as in tostring(…)");
  const [a, b] = comparable(left, right) ?? translator.fail(node, `${left.type} and ${right.type} cannot be compared`);
  if (kind === "EqualExpression") return equal(a, b);
  if (kind === "NotEqualExpression") return notEqual(a, b);
  const operator = orderings[kind];
  return operator === undefined ? translator.fail(node, `${kind} is not supported yet`) : ordered(a, operator, b);
}

function computed(
  node: Expression,
  kind: string,
  left: Scalar,
  right: Scalar,
  type: KqlType,
  translator: Translator,
): Scalar {
  const allowed = isNumber(type) || type === "datetime" || type === "timespan";
  const operand = (value: Scalar, other: Scalar) =>
    value.type === "dynamic" ? convert(value, other.type === "dynamic" ? type : other.type) : value;
  const [a, b] = [operand(left, right), operand(right, left)];
  const result = allowed && a !== undefined && b !== undefined ? arithmetic(kind, a, b, type) : undefined;
  return result ?? translator.fail(node, `this operation on ${left.type} and ${right.type} is not supported yet`);
}

function membership(node: MembershipExpression, kind: string, scope: Scope, translator: Translator): Scalar {
  const value = translator.scalar(node.Left, scope);
  const items = elements(node.Right.Expressions).map((item): Item => {
    if (item.ResultType?.Columns !== undefined) return { kind: "list", list: firstColumn(item, scope, translator) };
    const right = translator.scalar(item, scope);
    if (right.type !== "dynamic") return { kind: "value", value: right };
    const constants = typeof right.constant === "string" ? constantTexts(right.constant) : undefined;
    return { kind: "list", list: textsOf(right.sql), ...(constants === undefined ? {} : { constants }) };
  });
  if (kind === "HasAnyExpression" || kind === "HasAllExpression") {
    const text = convert(value, "string") ?? translator.fail(node, "only strings can be searched");
    return hasTerms(text, items, kind === "HasAllExpression");
  }
  return inList(value, items, kind) ?? translator.fail(node, "these types cannot be compared");
}

function constantTexts(json: string): readonly string[] | undefined {
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
}

/** All values of a table's first column as a list of texts; arrays among them give their elements. */
function firstColumn(node: Expression, scope: Scope, translator: Translator) {
  const relation = translator.relation(node, { names: scope.names });
  const first = relation.columns[0] ?? translator.fail(node, "the table has no column");
  const rows = translator.select(relation, [first]);
  const value = scalar(first.type, raw(first.id), first.nullable);
  const texts = first.type === "dynamic" ? textsOf(value.sql) : sql`[${(convert(value, "string") ?? value).sql}]`;
  return raw(`(SELECT coalesce(flatten(list(${texts.text})), []) FROM (${rows}) WHERE ${first.id} IS NOT NULL)`);
}

/** The first column of the first row, or the missing value of its type. */
function toScalar(node: Expression, scope: Scope, translator: Translator): Scalar {
  if (node.ResultType?.Columns === undefined) return translator.scalar(node, { names: scope.names });
  const relation = translator.relation(node, { names: scope.names });
  const first = relation.columns[0] ?? translator.fail(node, "toscalar() needs a table with a column");
  const text = raw(`(SELECT ${first.id} FROM (${translator.select(relation, [first])}) LIMIT 1)`);
  return first.type === "string" ? scalar("string", sql`coalesce(${text}, '')`) : scalar(first.type, text);
}

function call(node: FunctionCallExpression, scope: Scope, translator: Translator): Scalar {
  const name = node.Name.SimpleName;
  const type = (node.ResultType?.Name ?? "unknown") as KqlType;
  const aggregates = scope.aggregating === true ? aggregateFunctions[name] : undefined;
  const translate = aggregates ?? scalarFunctions[name];
  if (translate === undefined) return translator.fail(node, `the function ${name}() is not supported yet`);
  const args = elements(node.ArgumentList.Expressions);
  const context: Call = {
    name,
    node,
    arguments: args,
    type,
    translator,
    scope,
    fail: (message) => translator.fail(node, message),
  };
  // A type among the arguments shows in the type of the call
  const given = args.filter((argument) => kindOf(argument) !== "TypeOfLiteralExpression");
  const values = given.map((argument) =>
    is(argument, "StarExpression")
      ? translator.fail(argument, `this argument of ${name}() is not supported yet`)
      : translator.scalar(argument, aggregates === undefined ? scope : { ...scope, aggregating: false }),
  );
  return translate(values, context);
}
