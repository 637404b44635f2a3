import { arrayFunctions } from "./arrays.ts";
import { bagFunctions } from "./bags.ts";
import { datetimePartFunctions } from "./datetime-parts.ts";
import { formatFunctions } from "./format.ts";
import { ipFunctions } from "./ip.ts";
import * as json from "./json.ts";
import { type NativeFunction, native } from "./native-function.ts";
import { parseBool, parseInteger, parseLong, parseReal, realText } from "./numbers.ts";
import { parseKvFunctions } from "./parse-kv.ts";
import { textFunctions } from "./texts.ts";
import { timeZoneFunctions } from "./time-zones.ts";
import { datetimeText, parseDatetime, parseTimespan, timespanText } from "./times.ts";

/** The functions that translated queries call by these names. */
export const nativeFunctions: Readonly<Record<string, NativeFunction>> = {
  ...arrayFunctions,
  ...bagFunctions,
  ...datetimePartFunctions,
  ...formatFunctions,
  ...ipFunctions,
  ...parseKvFunctions,
  ...textFunctions,
  ...timeZoneFunctions,
  kql_text_to_long: native(["text"], "long", parseLong),
  kql_text_to_int: native(["text"], "int", parseInteger),
  kql_text_to_real: native(["text"], "real", parseReal),
  kql_text_to_bool: native(["text"], "bool", parseBool),
  kql_text_to_datetime: native(["text"], "long", parseDatetime),
  kql_text_to_timespan: native(["text"], "long", parseTimespan),
  kql_text_to_guid: native(["text"], "text", json.parseGuid),
  kql_json_to_long: native(["text"], "long", json.jsonToLong),
  kql_json_to_int: native(["text"], "int", json.jsonToInt),
  kql_json_to_real: native(["text"], "real", json.jsonToReal),
  kql_json_to_bool: native(["text"], "bool", json.jsonToBool),
  kql_json_to_datetime: native(["text"], "long", json.jsonToDatetime),
  kql_json_to_timespan: native(["text"], "long", json.jsonToTimespan),
  kql_datetime_text: native(["long"], "text", datetimeText),
  kql_timespan_text: native(["long"], "text", timespanText),
  kql_real_text: native(["real"], "text", realText),
};
