import { parseBool, parseInteger, parseLong, parseReal } from "./numbers.ts";
import { parseDatetime, parseTimespan } from "./times.ts";

// A dynamic value reaches these functions as JSON text; a null never does.

/** The text of a JSON string, or undefined if the value is something else. */
function stringIn(json: string): string | undefined {
  return json.startsWith('"') ? (JSON.parse(json) as string) : undefined;
}

function isNumberText(json: string): boolean {
  return /^[-\d]/.test(json);
}

export function jsonToLong(json: string): bigint | null {
  const text = stringIn(json);
  if (text !== undefined) return parseLong(text);
  if (json === "true") return 1n;
  if (json === "false") return 0n;
  if (!isNumberText(json)) return null;
  const whole = parseLong(json);
  return whole ?? truncate(Number(json));
}

function truncate(value: number): bigint | null {
  return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : null;
}

export function jsonToInt(json: string): number | null {
  const text = stringIn(json);
  if (text !== undefined) return parseInteger(text);
  const value = jsonToLong(json);
  return value === null ? null : Number(BigInt.asIntN(32, value));
}

export function jsonToReal(json: string): number | null {
  const text = stringIn(json);
  if (text !== undefined) return parseReal(text);
  if (json === "true") return 1;
  if (json === "false") return 0;
  return isNumberText(json) ? Number(json) : null;
}

export function jsonToBool(json: string): boolean | null {
  const text = stringIn(json);
  if (text !== undefined) return parseBool(text);
  if (json === "true") return true;
  if (json === "false") return false;
  return isNumberText(json) ? Number(json) !== 0 : null;
}

export function jsonToDatetime(json: string): bigint | null {
  const text = stringIn(json);
  return text === undefined ? null : parseDatetime(text);
}

export function jsonToTimespan(json: string): bigint | null {
  const text = stringIn(json);
  return text === undefined ? null : parseTimespan(text);
}

const guidPattern = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i;

/** A guid in lower case with dashes, or null. */
export function parseGuid(text: string): string | null {
  const found = guidPattern.exec(text.trim());
  return found === null ? null : found.slice(1).join("-").toLowerCase();
}
