import { type NativeFunction, native } from "./native-function.ts";

interface Settings {
  readonly pair_delimiter: string;
  readonly kv_delimiter: string;
  readonly quote?: string;
}

/** Pairs of names and values as a bag of texts; of several values of a name the first stays. */
function parsePairs(text: string, settings: Settings): Record<string, string> {
  const { pair_delimiter: pair, kv_delimiter: between, quote } = settings;
  const pairs = new Map<string, string>();
  let index = 0;
  while (index < text.length) {
    const key = nameBefore(text, index, between, quote);
    if (key === undefined) break;
    const name = lastName(key.text, pair, quote);
    const value = valueFrom(text, key.end + between.length, pair, quote);
    if (!pairs.has(name)) pairs.set(name, value.text);
    index = value.end;
  }
  return Object.fromEntries(pairs);
}

/** The text up to the next delimiter that is not inside quotes. */
function nameBefore(
  text: string,
  start: number,
  delimiter: string,
  quote: string | undefined,
): { text: string; end: number } | undefined {
  let index = start;
  while (index < text.length) {
    if (text.startsWith(delimiter, index)) return { text: text.slice(start, index), end: index };
    if (quote !== undefined && text.startsWith(quote, index)) {
      const close = text.indexOf(quote, index + quote.length);
      if (close < 0) return undefined;
      index = close + quote.length;
    } else {
      index += 1;
    }
  }
  return undefined;
}

/** What stands behind the last pair delimiter, or between the last quotes. */
function lastName(text: string, delimiter: string, quote: string | undefined): string {
  const trimmed = text.trim();
  if (quote !== undefined && trimmed.endsWith(quote)) {
    const open = trimmed.lastIndexOf(quote, trimmed.length - quote.length - 1);
    if (open >= 0) return trimmed.slice(open + quote.length, trimmed.length - quote.length);
  }
  const cut = trimmed.lastIndexOf(delimiter);
  return (cut < 0 ? trimmed : trimmed.slice(cut + delimiter.length)).trim();
}

function valueFrom(
  text: string,
  start: number,
  delimiter: string,
  quote: string | undefined,
): { text: string; end: number } {
  const from = start + (/^\s*/.exec(text.slice(start))?.[0].length ?? 0);
  if (quote !== undefined && text.startsWith(quote, from)) {
    const close = text.indexOf(quote, from + quote.length);
    if (close >= 0) {
      const next = text.indexOf(delimiter, close);
      return { text: text.slice(from + quote.length, close), end: next < 0 ? text.length : next + delimiter.length };
    }
  }
  const end = text.indexOf(delimiter, from);
  return end < 0
    ? { text: text.slice(from).trim(), end: text.length }
    : { text: text.slice(from, end).trim(), end: end + delimiter.length };
}

export const parseKvFunctions: Readonly<Record<string, NativeFunction>> = {
  kql_parse_kv: native(["text", "text"], "text", (text, settings) =>
    JSON.stringify(parsePairs(text, JSON.parse(settings) as Settings)),
  ),
};
