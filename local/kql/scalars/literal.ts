import { parseGuid } from "../native/json.ts";
import { parseLong, parseReal } from "../native/numbers.ts";
import { datetimeText, parseDatetime, parseTimespan, timespanText } from "../native/times.ts";
import {
  boolConstant,
  dynamic,
  longConstant,
  missing,
  realConstant,
  type Scalar,
  scalar,
  stringConstant,
} from "../scalar.ts";
import type { KqlType } from "../schema.ts";
import { quote, raw } from "../sql.ts";
import type { Expression, Token } from "../syntax/nodes.ts";
import { elements, is, kindOf } from "../tree.ts";
import { ticksPerDay } from "../types.ts";

const typeOfKind: Readonly<Record<string, KqlType>> = {
  BooleanLiteralExpression: "bool",
  IntLiteralExpression: "int",
  LongLiteralExpression: "long",
  RealLiteralExpression: "real",
  DecimalLiteralExpression: "decimal",
  DateTimeLiteralExpression: "datetime",
  TimespanLiteralExpression: "timespan",
  GuidLiteralExpression: "guid",
};

/**
 * A literal's value, read from its text: the parser's own values lose 64-bit numbers and hexadecimal ones.
 * Undefined if the node is no literal.
 */
export function literal(node: Expression): Scalar | undefined {
  const kind = kindOf(node);
  if (kind === "StringLiteralExpression") return stringConstant(stringValue(node));
  if (kind === "CompoundStringLiteralExpression") return stringConstant(String(node.LiteralValue));
  if (kind === "NullLiteralExpression") return missing("dynamic");
  const type = typeOfKind[kind];
  return type === undefined ? undefined : typedLiteral(type, tokenText(node));
}

/** A literal is one token, and to ask that costs nothing; tables inside of functions hold thousands. */
function tokenText(node: Expression): string {
  return (node.GetChild(0) as Token).Text;
}

function stringValue(node: Expression): string {
  const text = tokenText(node);
  const isPlain = /^(["'])[^\\]*\1$/.test(text);
  return isPlain ? text.slice(1, -1) : String(node.LiteralValue);
}

/** The value of text such as `1d`, `long(0x1F)` or `datetime(2026-01-01)`; undefined if it is none. */
function typedLiteral(type: KqlType, text: string): Scalar | undefined {
  const inner =
    /^[a-z]+\s*\((.*)\)$/is
      .exec(text)?.[1]
      ?.trim()
      .replace(/^(["'])(.*)\1$/s, "$2") ?? text;
  if (inner === "null" || inner === "") return missing(type);
  switch (type) {
    case "bool":
      return boolConstant(/^(true|1)$/i.test(inner));
    case "int":
    case "long": {
      const value = parseLong(inner);
      return value === null ? missing(type) : longConstant(value, type);
    }
    case "real": {
      const value = parseReal(inner);
      return value === null ? missing(type) : realConstant(value);
    }
    case "decimal":
      return scalar("decimal", raw(`${quote(inner)}::DECIMAL(38, 17)`), false);
    case "datetime": {
      const value = /^now$/i.test(inner) ? null : parseDatetime(inner);
      return value === null ? undefined : longConstant(value, "datetime");
    }
    case "timespan": {
      const value = /^-?\d+$/.test(inner) ? BigInt(inner) * ticksPerDay : parseTimespan(inner);
      return value === null ? undefined : longConstant(value, "timespan");
    }
    case "guid": {
      const value = parseGuid(inner);
      return value === null ? undefined : { ...scalar("guid", raw(quote(value)), false), constant: value };
    }
    case "string":
    case "dynamic":
      return undefined;
  }
}

/** What stands between the parentheses of `dynamic(…)`, as JSON text; undefined if it is no literal. */
export function jsonLiteral(node: Expression): string | undefined {
  if (is(node, "DynamicExpression")) return jsonLiteral(node.Expression);
  if (is(node, "JsonArrayExpression")) return composed(elements(node.Values).map(jsonLiteral), "[", "]");
  if (is(node, "JsonObjectExpression")) {
    const pairs = elements(node.Pairs).map(({ Name, Value }) => {
      const value = jsonLiteral(Value);
      return value === undefined ? undefined : `${JSON.stringify(Name.ValueText)}:${value}`;
    });
    return composed(pairs, "{", "}");
  }
  if (is(node, "UnaryMinusExpression")) {
    const number = jsonLiteral(node.Expression);
    return number === undefined ? undefined : `-${number}`;
  }
  if (kindOf(node) === "NullLiteralExpression") return "null";
  const value = literal(node);
  if (value?.constant === undefined) return undefined;
  if (value.constant === null) return "null";
  if (value.type === "datetime") return JSON.stringify(datetimeText(value.constant as bigint));
  if (value.type === "timespan") return JSON.stringify(timespanText(value.constant as bigint));
  // A number stands as it was written
  if (value.type === "real" || value.type === "long") {
    const text = tokenText(node);
    return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? text : String(value.constant);
  }
  return typeof value.constant === "bigint" ? String(value.constant) : JSON.stringify(value.constant);
}

function composed(parts: readonly (string | undefined)[], open: string, close: string): string | undefined {
  return parts.includes(undefined) ? undefined : `${open}${parts.join(",")}${close}`;
}

/** A dynamic constant. */
export function dynamicConstant(json: string): Scalar {
  if (json === "null") return missing("dynamic");
  return { ...dynamic(raw(quote(json)), false), constant: json };
}
