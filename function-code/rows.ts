import { closeBrace, closeBracket, comma, openBracket, stringOf } from "./json.ts";
import { maxBatchBytes } from "./upload.ts";

/** Room for one more record of the longest kind, so that hardly any buffer has to grow. */
const capacity = maxBatchBytes + 400_000;

/** Buffers of batches that have left: of a megabyte each, they would pile up until the garbage collector looks. */
const spare: Buffer[] = [];
/** As many as four readers of a backlog fill and have on their way at a time. */
const maxSpare = 12;

/** A row whose last column is text, which gets into the upload without being a JavaScript string in between: records go by the ten thousand. */
export class TextRow {
  /** The row as JSON, up to where the text's string begins. UTF-8, as the text. */
  readonly head: Buffer;
  readonly text: Buffer;

  constructor(head: Buffer, text: Buffer) {
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
    if (this.#length === 0) bytes[this.#length++] = openBracket;
    bytes[this.#length] = closeBracket;
    return bytes.subarray(0, this.#length + 1);
  }

  /** Adds a row at the end. False, with nothing changed, where a batch would become too large by it; one row is always taken. */
  add(row: object): boolean {
    const before = this.#length;
    if (row instanceof TextRow) this.#writeText(row);
    else this.#writeObject(row);
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

  #writeObject(row: object): void {
    const json = JSON.stringify(row);
    // UTF-16 never takes more than three bytes a unit in UTF-8.
    const bytes = this.#begin(3 * json.length);
    this.#length += bytes.write(json, this.#length);
  }

  #writeText({ head, text }: TextRow): void {
    const json = stringOf(text);
    const bytes = this.#begin(head.length + json.length + 1);
    // Rather than `copy`, which asks more before it does the same.
    bytes.set(head, this.#length);
    bytes.set(json, this.#length + head.length);
    this.#length += head.length + json.length;
    bytes[this.#length++] = closeBrace;
  }

  /** Makes room for a row, and writes what stands before it. */
  #begin(row: number): Buffer {
    const bytes = this.#reserve(row + 1);
    bytes[this.#length] = this.#length === 0 ? openBracket : comma;
    this.#length++;
    return bytes;
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
