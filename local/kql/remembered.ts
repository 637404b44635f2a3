/** What was worked out from a text, kept for the texts that came last. */
export class Remembered<T> {
  readonly #known = new Map<string, T>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What is known of the text, or else what `workOut` makes of it; nothing is kept of what throws. */
  get(text: string, workOut: () => T): T {
    const result = this.#known.has(text) ? (this.#known.get(text) as T) : workOut();
    // The one that has not been asked for longest goes first
    this.#known.delete(text);
    this.#known.set(text, result);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#limit && oldest !== undefined) this.#known.delete(oldest);
    return result;
  }
}
