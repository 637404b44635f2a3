import { argument, type Call, type ScalarFunction } from "../context.ts";
import { condition, type Scalar, scalar } from "../scalar.ts";
import { join, type Sql, sql } from "../sql.ts";
import { long, native, text } from "./arguments.ts";
import { textsOf } from "./membership.ts";

function compared(version: 4 | 6): ScalarFunction {
  return (values) =>
    native(
      "long",
      `ipv${version}_compare`,
      text(values, 0),
      text(values, 1),
      long(values, 2, version === 4 ? 32 : 128),
    );
}

/** Equal under the networks' masks; null if either is no address. */
function matched(version: 4 | 6): ScalarFunction {
  return (values, call) => {
    const order = compared(version)(values, call);
    return scalar("bool", sql`(${order.sql} = 0)`);
  };
}

function test(name: string, ...parts: readonly Sql[]): Scalar {
  return scalar("bool", sql`kql_${name}(${join(parts, ", ")})`);
}

/** A test of one text against several others, given as arguments or as one array. */
function anyOf(name: string): ScalarFunction {
  return (values, call: Call) => {
    const tests = values
      .slice(1)
      .map((value, index) =>
        value.type === "dynamic"
          ? sql`len(list_filter(${textsOf(value.sql)}, lambda x: coalesce(kql_${name}(${text(values, 0)}, x), false))) > 0`
          : sql`kql_${name}(${text(values, 0)}, ${text(values, index + 1)})`,
      );
    return tests.length === 0
      ? call.fail(`${call.name}() needs something to compare with`)
      : condition(sql`(${join(tests, " OR ")})`);
  };
}

export const ip: Readonly<Record<string, ScalarFunction>> = {
  parse_ipv4: (values) => native("long", "parse_ipv4", text(values, 0)),
  parse_ipv4_mask: (values) => native("long", "parse_ipv4_mask", text(values, 0), long(values, 1)),
  format_ipv4: (values, call) => formatted(values, call, false),
  format_ipv4_mask: (values, call) => formatted(values, call, true),
  ipv4_netmask_suffix: (values) => native("long", "ipv4_netmask_suffix", text(values, 0)),
  ipv4_compare: compared(4),
  ipv4_is_match: matched(4),
  ipv4_is_in_range: (values) => test("ipv4_in_range", text(values, 0), text(values, 1)),
  ipv4_is_in_any_range: anyOf("ipv4_in_range"),
  ipv4_is_private: (values) => test("ipv4_is_private", text(values, 0)),
  parse_ipv6: (values) => native("string", "parse_ipv6", text(values, 0)),
  ipv6_compare: compared(6),
  ipv6_is_match: matched(6),
  ipv6_is_in_range: (values) => test("ipv6_in_range", text(values, 0), text(values, 1)),
  ipv6_is_in_any_range: anyOf("ipv6_in_range"),
  has_ipv4: (values) => test("has_ipv4", text(values, 0), text(values, 1)),
  has_any_ipv4: anyOf("has_ipv4"),
  has_ipv4_prefix: (values) => test("has_ipv4_prefix", text(values, 0), text(values, 1)),
  has_any_ipv4_prefix: anyOf("has_ipv4_prefix"),
};

function formatted(values: readonly Scalar[], call: Call, mask: boolean): Scalar {
  const value = argument(values, 0);
  const address = value.type === "string" ? native("long", "parse_ipv4", value.sql).sql : long(values, 0);
  const own = value.type === "string" ? native("long", "ipv4_netmask_suffix", value.sql).sql : sql`32::BIGINT`;
  const prefix = values[1] === undefined ? own : long(values, 1);
  const dotted = native("string", "format_ipv4", address, prefix);
  if (call.type !== "string") call.fail(`${call.name}() cannot yield ${call.type}`);
  return mask
    ? scalar("string", sql`CASE WHEN ${dotted.sql} = '' THEN '' ELSE ${dotted.sql} || '/' || ${prefix} END`)
    : dotted;
}
