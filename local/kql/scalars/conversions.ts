import { argument, type Call, type ScalarFunction } from "../context.ts";
import type { Scalar } from "../scalar.ts";
import type { KqlType } from "../schema.ts";
import { convert, parseJson } from "./convert.ts";

function to(type: KqlType): ScalarFunction {
  return (values: readonly Scalar[], call: Call) => {
    const value = argument(values, 0);
    return convert(value, type) ?? call.fail(`${call.name}() cannot take a value of type ${value.type}`);
  };
}

/** Text is parsed; any other value becomes the dynamic value that it is. */
const parsed: ScalarFunction = (values, call) => {
  const value = argument(values, 0);
  return value.type === "string" ? parseJson(value) : to("dynamic")(values, call);
};

export const conversions: Readonly<Record<string, ScalarFunction>> = {
  tostring: to("string"),
  tolong: to("long"),
  toint: to("int"),
  toreal: to("real"),
  todouble: to("real"),
  tobool: to("bool"),
  toboolean: to("bool"),
  todatetime: to("datetime"),
  totimespan: to("timespan"),
  toguid: to("guid"),
  todecimal: to("decimal"),
  todynamic: parsed,
  toobject: parsed,
  parse_json: parsed,
  parsejson: parsed,
};
