/** Invented data from a seed: the same parts always give the same sequence, on every machine and in any order of asking. */
export class Random {
  #state: number;

  constructor(...parts: readonly (number | string)[]) {
    let state = 0x9e3779b9;
    for (const part of parts) state = typeof part === "number" ? mixNumber(state, part) : mixText(state, part);
    this.#state = state;
  }

  /** 0 ≤ x < 1. */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** An integer, both ends included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.unit() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.unit() * choices.length)] as T;
  }

  /** How many times something happens that is expected `mean` times: the mean rounded up or down, so that it holds on average. */
  count(mean: number): number {
    return Math.floor(mean + this.unit());
  }

  hex(digits: number): string {
    let text = "";
    while (text.length < digits)
      text += Math.floor(this.unit() * 0x1_0000_0000)
        .toString(16)
        .padStart(8, "0");
    return text.slice(0, digits);
  }

  uuid(): string {
    const hex = this.hex(32);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

/** One number, 0 ≤ x < 1, where a whole sequence would be wasted. */
export const unitOf = (...parts: readonly (number | string)[]): number => new Random(...parts).unit();

const mixNumber = (state: number, value: number): number => {
  // A time in microseconds needs more than 32 bits: both halves count.
  const low = mixWord(state, value | 0);
  return mixWord(low, Math.floor(value / 4_294_967_296) | 0);
};

const mixWord = (state: number, word: number): number => {
  let mixed = Math.imul(state ^ word, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16) ^ (state << 5);
};

const mixText = (state: number, text: string): number => {
  let mixed = state ^ 0x811c9dc5;
  for (let index = 0; index < text.length; index++) mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193);
  return mixWord(state, mixed);
};
