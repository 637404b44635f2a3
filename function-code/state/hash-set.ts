import type { Hash64 } from "./hash.ts";

/** A set of 64-bit hashes in 8 bytes each plus the slack of open addressing: a million keys take 16 MB, not the 80 of a JavaScript Set. */
export class HashSet {
  #slots = new Uint32Array(2 * 64);
  #size = 0;
  /** The hash 0 marks an empty slot, so it is kept apart. */
  #hasZero = false;

  get size(): number {
    return this.#size;
  }

  has({ high, low }: Hash64): boolean {
    if (high === 0 && low === 0) return this.#hasZero;
    const at = this.#find(high, low);
    return this.#slots[at] !== 0 || this.#slots[at + 1] !== 0;
  }

  /** False where it was there already. */
  add({ high, low }: Hash64): boolean {
    if (high === 0 && low === 0) {
      if (this.#hasZero) return false;
      this.#hasZero = true;
      this.#size++;
      return true;
    }
    const at = this.#find(high, low);
    if (this.#slots[at] !== 0 || this.#slots[at + 1] !== 0) return false;
    this.#slots[at] = high;
    this.#slots[at + 1] = low;
    this.#size++;
    if (this.#size * 4 > this.#slots.length) this.#grow();
    return true;
  }

  /** Index of the slot that holds the hash, or of the empty one where it belongs. */
  #find(high: number, low: number): number {
    const slots = this.#slots;
    const mask = slots.length - 2;
    for (let at = (low * 2) % slots.length; ; at = (at + 2) & mask) {
      if (slots[at] === high && slots[at + 1] === low) return at;
      if (slots[at] === 0 && slots[at + 1] === 0) return at;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let i = 0; i < old.length; i += 2) {
      const high = old[i] ?? 0;
      const low = old[i + 1] ?? 0;
      if (high === 0 && low === 0) continue;
      const at = this.#find(high, low);
      this.#slots[at] = high;
      this.#slots[at + 1] = low;
    }
  }
}
