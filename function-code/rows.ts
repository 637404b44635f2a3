import { stringOf } from "./json.ts";
import { maxBatchBytes } from "./upload.ts";

/** Room for one more record of the longest kind, so that hardly any buffer has to grow. */
const capacity = maxBatchBytes + 400_000;

/** Buffers of batches that have left: of a megabyte each, they would pile up until the garbage collector looks. */
const spare: Buffer[] = [];
const maxSpare = 4;

/** A row whose last column is text, which gets into the upload without being a JavaScript string in between: records go by the ten thousand. */
export class TextRow {
  /** The row as JSON, up to where the text's string begins. */
  readonly head: string;
  /** UTF-8. */
  readonly text: Buffer;

  constructor(head: string, text: Buffer) {
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
      this.#write("}");
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
    this.#length += this.#reserve(3 * json.length).write(json, this.#length);
  }

  #writeText(text: Buffer): void {
    const json = stringOf(text);
    this.#length += json.copy(this.#reserve(json.length), this.#length);
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
