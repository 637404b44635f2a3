import { maxBatchBytes } from "./upload.ts";

const quote = 34;
const backslash = 92;
const space = 32;

/** Bytes that a byte of text takes within a JSON string. */
const width = new Uint8Array(256).fill(1).fill(6, 0, space);
width[quote] = 2;
width[backslash] = 2;

/** Room for one more record of the longest kind, so that hardly any buffer has to grow. */
const capacity = maxBatchBytes + 400_000;

/** Buffers of batches that have left: of a megabyte each, they would pile up until the garbage collector looks. */
const spare: Buffer[] = [];
const maxSpare = 4;

/**
 * Rows as the JSON array that is uploaded, each rendered once, straight into its place. A column that holds bytes is UTF-8 text, and becomes
 * a string without being one in between: records go by the ten thousand.
 */
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
    this.#render(row);
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

  #render(row: object): void {
    let text = "{";
    let separator = "";
    for (const [name, value] of Object.entries(row) as [string, unknown][]) {
      if (value === undefined) continue;
      text += `${separator}${JSON.stringify(name)}:`;
      separator = ",";
      if (value instanceof Uint8Array) {
        this.#write(`${text}"`);
        this.#writeText(value);
        text = '"';
      } else text += JSON.stringify(value);
    }
    this.#write(`${text}}`);
  }

  #write(json: string): void {
    // UTF-16 never takes more than three bytes a unit in UTF-8.
    const bytes = this.#reserve(3 * json.length);
    this.#length += bytes.write(json, this.#length);
  }

  #writeText(text: Uint8Array): void {
    const bytes = this.#reserve(6 * text.length);
    let end = this.#length;
    for (let i = 0; i < text.length; i++) {
      const code = text[i] as number;
      // No branch for what is frequent: the backslash is written always, and stays where the width leaves room for it.
      bytes[end] = backslash;
      end += width[code] as number;
      if (code < space) bytes.write(`u00${code.toString(16).padStart(2, "0")}`, end - 5, "latin1");
      else bytes[end - 1] = code;
    }
    this.#length = end;
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
