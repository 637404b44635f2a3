import type { ScalarFunction } from "../context.ts";
import { conditions } from "./conditions.ts";
import { conversions } from "./conversions.ts";
import { dynamics } from "./dynamics.ts";
import { ip } from "./ip.ts";
import { numbers } from "./numbers.ts";
import { patterns, strings } from "./strings.ts";
import { times } from "./times.ts";
import { windows } from "./windows.ts";

/** The built-in scalar functions, by name. */
export const scalarFunctions: Readonly<Record<string, ScalarFunction>> = {
  ...conditions,
  ...conversions,
  ...dynamics,
  ...ip,
  ...numbers,
  ...patterns,
  ...strings,
  ...times,
  ...windows,
};
