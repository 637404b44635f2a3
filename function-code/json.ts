/**
 * JSON read in place, as the bytes that came over the wire. Records travel as the vendor wrote them, since a JavaScript number
 * would round their 64-bit ids; so a page is scanned for the few values that are wanted, not parsed: as strict as JSON.parse, and
 * quicker. Positions are byte offsets; every `skip…` returns the offset behind what it skipped.
 */

/** The bytes are not JSON, or stop before its end. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

const maxDepth = 1000;

const tab = 9;
const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const quote = 34;
const plus = 43;
export const comma = 44;
const minus = 45;
const dot = 46;
const zero = 48;
const nine = 57;
export const colon = 58;
export const openBracket = 91;
const backslash = 92;
export const closeBracket = 93;
export const openBrace = 123;
export const closeBrace = 125;

/** Bytes that stand for themselves within a string. Loops take such a table into a variable of their own: in a bundle it costs less there. */
const isPlain = new Uint8Array(256).fill(1, space);
isPlain[quote] = 0;
isPlain[backslash] = 0;

/** The characters that may follow a backslash, but for u. */
const escapes = new Uint8Array(256);
for (const code of Buffer.from('"\\/bfnrt')) escapes[code] = 1;

function unexpected(json: Buffer, at: number): JsonError {
  return new JsonError(
    at >= json.length ? `it ends too early, after ${json.length} bytes` : `unexpected character at byte ${at}`,
  );
}

export function skipSpace(json: Buffer, at: number): number {
  let i = at;
  while (i < json.length) {
    const code = json[i] as number;
    if (code > space || (code !== space && code !== lineFeed && code !== carriageReturn && code !== tab)) return i;
    i++;
  }
  return i;
}

/** Skips one expected sign and the white space behind it. */
export function skipSign(json: Buffer, at: number, sign: number): number {
  if (at >= json.length || json[at] !== sign) throw unexpected(json, at);
  return skipSpace(json, at + 1);
}

function skipString(json: Buffer, at: number): number {
  const length = json.length;
  const plain = isPlain;
  if (at >= length || json[at] !== quote) throw unexpected(json, at);
  let i = at + 1;
  for (;;) {
    while (i < length && plain[json[i] as number] === 1) i++;
    if (i >= length) throw unexpected(json, i);
    const code = json[i] as number;
    if (code === quote) return i + 1;
    if (code !== backslash) throw unexpected(json, i);
    i = skipEscape(json, i);
  }
}

function skipEscape(json: Buffer, at: number): number {
  const code = at + 1 < json.length ? (json[at + 1] as number) : 0;
  if (escapes[code] === 1) return at + 2;
  if (code === 117 && /^[0-9a-fA-F]{4}$/.test(json.toString("latin1", at + 2, at + 6))) return at + 6;
  throw unexpected(json, at + 1);
}

/** The closing sign of each container that is open. One is enough: nothing here waits or calls itself. */
const open = new Uint8Array(maxDepth);

/**
 * Skips any value. One loop, no recursion, and calls only where something is to be skipped: this is the hot path of the worker.
 */
export function skipValue(json: Buffer, at: number): number {
  const length = json.length;
  let depth = 0;
  let closing = 0;
  let i = at;
  for (;;) {
    const code = i < length ? (json[i] as number) : 0;
    if (code === quote) i = skipString(json, i);
    else if (code === openBrace || code === openBracket) {
      if (depth === maxDepth) throw new JsonError(`nested deeper than ${maxDepth} levels at byte ${i}`);
      open[depth++] = closing;
      closing = code + 2;
      i++;
      if (i < length && (json[i] as number) <= space) i = skipSpace(json, i);
      if (i >= length || json[i] !== closing) {
        if (closing === closeBrace) i = skipKey(json, i);
        continue;
      }
    } else i = skipScalar(json, i, code);

    // Behind a value, or at the sign that closes an empty container.
    for (;;) {
      if (depth === 0) return i;
      if (i < length && (json[i] as number) <= space) i = skipSpace(json, i);
      if (i >= length) throw unexpected(json, i);
      const code = json[i++] as number;
      if (code === closing) closing = open[--depth] as number;
      else if (code === comma) break;
      else throw unexpected(json, i - 1);
    }
    if (i < length && (json[i] as number) <= space) i = skipSpace(json, i);
    if (closing === closeBrace) i = skipKey(json, i);
  }
}

/** Skips a member's name, its colon and the white space behind. */
export function skipKey(json: Buffer, at: number): number {
  let i = skipString(json, at);
  if (i < json.length && (json[i] as number) <= space) i = skipSpace(json, i);
  if (i >= json.length || json[i] !== colon) throw unexpected(json, i);
  i++;
  return i < json.length && (json[i] as number) <= space ? skipSpace(json, i) : i;
}

function skipScalar(json: Buffer, at: number, code: number): number {
  if (code === minus || (code >= zero && code <= nine)) return skipNumber(json, at);
  if (code === 110) return skipLiteral(json, at, "null");
  if (code === 116) return skipLiteral(json, at, "true");
  if (code === 102) return skipLiteral(json, at, "false");
  throw unexpected(json, at);
}

function skipLiteral(json: Buffer, at: number, literal: string): number {
  for (let i = 1; i < literal.length; i++) {
    if (json[at + i] !== literal.charCodeAt(i)) throw unexpected(json, at + i);
  }
  return at + literal.length;
}

function skipNumber(json: Buffer, at: number): number {
  let i = json[at] === minus ? at + 1 : at;
  i = json[i] === zero ? i + 1 : skipDigits(json, i);
  if (json[i] === dot) i = skipDigits(json, i + 1);
  const exponent = json[i];
  if (exponent === 101 || exponent === 69) {
    const sign = json[i + 1];
    i = skipDigits(json, sign === plus || sign === minus ? i + 2 : i + 1);
  }
  return i;
}

function skipDigits(json: Buffer, at: number): number {
  let i = at;
  while (i < json.length && (json[i] as number) >= zero && (json[i] as number) <= nine) i++;
  if (i === at) throw unexpected(json, i);
  return i;
}

/** The object with one more member at its end. `value` is JSON text. */
export function appendMember(object: Buffer, key: string, value: string): Buffer {
  const end = object.lastIndexOf("}");
  const separator = members(object).length === 0 ? "" : ",";
  return Buffer.concat([object.subarray(0, end), Buffer.from(`${separator}${JSON.stringify(key)}:${value}}`)]);
}

/** A member of an object, or an element of an array (its key is its index). */
export interface Member {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/** The members of the object or array at an offset; none of any other value. */
export function members(json: Buffer, at = 0): Member[] {
  const found: Member[] = [];
  const opening = json[at];
  if (opening !== openBrace && opening !== openBracket) return found;
  const closing = opening === openBrace ? closeBrace : closeBracket;
  let i = skipSpace(json, at + 1);
  if (json[i] === closing) return found;
  for (;;) {
    let key = String(found.length);
    if (opening === openBrace) {
      const keyEnd = skipString(json, i);
      key = JSON.parse(json.toString("utf8", i, keyEnd)) as string;
      i = skipSign(json, skipSpace(json, keyEnd), colon);
    }
    const end = skipValue(json, i);
    found.push({ key, start: i, end });
    i = skipSpace(json, end);
    if (json[i] === closing) return found;
    i = skipSign(json, i, comma);
  }
}
