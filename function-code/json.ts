import { jsonWasm } from "./json-wasm.ts";

/**
 * JSON read in place, as the bytes that came over the wire. Records travel as the vendor wrote them, since a JavaScript number
 * would round their 64-bit ids; so a page is scanned for the few values that are wanted, not parsed: as strict as JSON.parse, and
 * quicker. Positions are byte offsets; every `skip…` returns the offset behind what it skipped.
 */

/** The bytes are not JSON, or stop before its end. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

const quote = 34;
export const comma = 44;
export const colon = 58;
export const openBracket = 91;
export const closeBracket = 93;
export const openBrace = 123;
export const closeBrace = 125;

/** What `json.wat` does with the text that is loaded. What it skips throws `JsonError`. */
export interface LoadedJson {
  readonly skipSpace: (at: number) => number;
  /** Skips one expected sign and the white space behind it. */
  readonly skipSign: (at: number, sign: number) => number;
  readonly skipString: (at: number) => number;
  readonly skipValue: (at: number) => number;
  /**
   * From an object's brace to the value of the first member that has one of the names that were loaded with the text, or to behind the object.
   * `names`: where their list begins.
   */
  readonly firstMember: (at: number, names: number) => number;
  /** The same from behind a member's value on. */
  readonly nextMember: (at: number, names: number) => number;
  /** Which of the names it was, by its place in the list; -1: none. */
  readonly found: () => number;
  /** The next offset, from one on, at which the first of the names stands, be it a member's or not; -1: none. `length`: the text's. */
  readonly nextName: (at: number, length: number, names: number) => number;
}

interface Kernel extends LoadedJson {
  readonly memory: WebAssembly.Memory;
  /** Says where the text ends that was put into the memory. */
  readonly endText: (length: number) => void;
  /** Writes the text as the inside of a JSON string to an address; returns the one behind. */
  readonly writeString: (length: number, to: number) => number;
}

/** Addresses in its memory, and the room that it wants behind a text. */
const writingAt = 8192;
const textAt = 16_384;
const margin = 32;

/** Bytes of memory that are kept between texts. An answer of the longest kind takes more, and shall not hold it for ever. */
const usualMemory = 16 * 1024 ** 2;
const memoryPage = 65_536;

let kernel: Kernel | undefined;
let memory = Buffer.alloc(0);
/** Length of the text that is loaded. */
let length = 0;

/**
 * Puts a text where it can be read. The next one takes its place, so nothing may wait between this and the last `skip…`.
 * @param names of members, as `namesOf` writes them
 */
export function load(json: Buffer, names?: Buffer): LoadedJson {
  return loadWithRoom(json, 0, names);
}

/** The text as a JSON string, with its quotes. What is returned lies in shared memory: it is to be copied before anything else is loaded. */
export function stringOf(text: Buffer): Buffer {
  // No byte becomes more than six; a step of writing is sixteen.
  const { writeString } = loadWithRoom(text, 6 * text.length + 32);
  const start = textAt + text.length + margin;
  memory[start] = quote;
  const end = writeString(text.length, start + 1);
  memory[end] = quote;
  return memory.subarray(start, end + 1);
}

/** Names of members as a list that goes to the kernel: each as it stands in a text, behind its length, and a 0. */
export function namesOf(names: readonly string[]): Buffer {
  const listed = names
    .map((name) => Buffer.from(JSON.stringify(name)))
    .flatMap((name) => [Buffer.of(name.length), name]);
  return Buffer.concat([...listed, Buffer.of(0)]);
}

function loadWithRoom(text: Buffer, behind: number, names?: Buffer): Kernel {
  const loaded = kernelWith(textAt + text.length + margin + behind);
  memory.set(text, textAt);
  loaded.endText(text.length);
  if (names) memory.set(names);
  length = text.length;
  return loaded;
}

function kernelWith(bytes: number): Kernel {
  if (!kernel || (memory.length > usualMemory && bytes <= usualMemory)) {
    const module = new WebAssembly.Module(Buffer.from(jsonWasm, "base64"));
    const { exports } = new WebAssembly.Instance(module, { errors: { unexpected, tooDeep } });
    kernel = exports as unknown as Kernel;
    memory = Buffer.from(kernel.memory.buffer);
    writingTable().copy(memory, writingAt);
  }
  if (memory.length < bytes) {
    kernel.memory.grow(Math.ceil((bytes - memory.length) / memoryPage));
    memory = Buffer.from(kernel.memory.buffer);
  }
  return kernel;
}

/** For each set of eight bytes that need a backslash: the order in which the eight are written, each such behind the sixteenth, the backslash. */
function writingTable(): Buffer {
  const orders = Array.from({ length: 256 }, (_, escaped) => {
    const order = Array.from({ length: 8 }, (_, i) => ((escaped >> i) & 1 ? [15, i] : [i])).flat();
    return Buffer.from(order.concat(Array<number>(16 - order.length).fill(0)));
  });
  return Buffer.concat(orders);
}

function unexpected(at: number): never {
  throw new JsonError(at >= length ? `it ends too early, after ${length} bytes` : `unexpected character at byte ${at}`);
}

function tooDeep(at: number): never {
  throw new JsonError(`nested deeper than 1000 levels at byte ${at}`);
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
  const { skipSpace, skipSign, skipString, skipValue } = load(json);
  let i = skipSpace(at + 1);
  if (json[i] === closing) return found;
  for (;;) {
    let key = String(found.length);
    if (opening === openBrace) {
      const keyEnd = skipString(i);
      key = JSON.parse(json.toString("utf8", i, keyEnd)) as string;
      i = skipSign(skipSpace(keyEnd), colon);
    }
    const end = skipValue(i);
    found.push({ key, start: i, end });
    i = skipSpace(end);
    if (json[i] === closing) return found;
    i = skipSign(i, comma);
  }
}
