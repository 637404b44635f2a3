import { maxBatchBytes } from "./upload.ts";

const quote = 34;
const backslash = 92;
const space = 32;

/** Bytes that a byte of text needs within a JSON string besides its own. */
const extra = new Uint8Array(256).fill(5, 0, space);
extra[quote] = 1;
extra[backslash] = 1;

/** Room for one more record of the longest kind, so that hardly any buffer has to grow. */
const capacity = maxBatchBytes + 400_000;

/** Buffers of batches that have left: of a megabyte each, they would pile up until the garbage collector looks. */
const spare: Buffer[] = [];
const maxSpare = 4;

/** A row whose last column is text, which gets into the upload without being a JavaScript string in between: records go by the ten thousand. */
export class TextRow {
  /** The row as JSON, up to the quote that opens the text. */
  readonly head: string;
  /** UTF-8. */
  readonly text: Uint8Array;

  constructor(head: string, text: Uint8Array) {
    this.head = head;
    this.text = text;
  }
}

/** Rows as the JSON array that is uploaded, each rendered once, straight into its place. */
export class RowBuffer {
  #bytes: Buffer | undefined;
  #length = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The array, in UTF-8. */
  get json(): Buffer {
    const bytes = this.#reserve(2);
    if (this.#length === 0) bytes[this.#length++] = 91;
    bytes[this.#length] = 93;
    return bytes.subarray(0, this.#length + 1);
  }

  /** Adds a row at the end. False, with nothing changed, where a batch would become too large by it; one row is always taken. */
  add(row: object): boolean {
    const before = this.#length;
    this.#write(before === 0 ? "[" : ",");
    if (row instanceof TextRow) {
      this.#write(row.head);
      this.#writeText(row.text);
      this.#write('"}');
    } else this.#write(JSON.stringify(row));
    if (this.#length >= maxBatchBytes && before > 0) {
      this.#length = before;
      return false;
    }
    this.#count++;
    return true;
  }

  /** Gives the memory back; nothing of the rows may be used any more. */
  release(): void {
    if (this.#bytes?.length === capacity && spare.length < maxSpare) spare.push(this.#bytes);
    this.#bytes = undefined;
  }

  #write(json: string): void {
    // UTF-16 never takes more than three bytes a unit in UTF-8.
    const bytes = this.#reserve(3 * json.length);
    let end = this.#length;
    for (let i = 0; i < json.length; i++) {
      const code = json.charCodeAt(i);
      if (code >= 128) {
        this.#length += bytes.write(json, this.#length);
        return;
      }
      bytes[end++] = code;
    }
    this.#length = end;
  }

  #writeText(text: Uint8Array): void {
    const bytes = this.#reserve(6 * text.length);
    const extras = extra;
    const { length } = text;
    let shift = this.#length;
    for (let i = 0; i < length; i++) {
      const code = text[i] as number;
      const more = extras[code] as number;
      if (more === 0) {
        bytes[i + shift] = code;
        continue;
      }
      bytes[i + shift] = backslash;
      shift += more;
      if (more === 1) bytes[i + shift] = code;
      else bytes.write(`u00${code.toString(16).padStart(2, "0")}`, i + shift - 4, "latin1");
    }
    this.#length = length + shift;
  }

  #reserve(more: number): Buffer {
    const known = (this.#bytes ??= spare.pop() ?? Buffer.allocUnsafeSlow(capacity));
    const needed = this.#length + more;
    if (needed <= known.length) return known;
    const larger = Buffer.allocUnsafeSlow(needed);
    known.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    return larger;
  }
}
