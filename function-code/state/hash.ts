import { hash } from "node:crypto";

/** 64 bits that stand for a key or a content: two unsigned halves. */
export interface Hash64 {
  readonly high: number;
  readonly low: number;
}

/** A cryptographic hash cut to 64 bits: a collision would be a row that is silently taken for a duplicate. */
export function hash64(data: string | Uint8Array): Hash64 {
  // A string of the digest's bytes takes a third of the time that a buffer takes.
  const digest = hash("sha256", data, "binary");
  return { high: word(digest, 0), low: word(digest, 4) };
}

/** Four bytes, big-endian, unsigned. */
const word = (bytes: string, at: number): number =>
  ((bytes.charCodeAt(at) << 24) |
    (bytes.charCodeAt(at + 1) << 16) |
    (bytes.charCodeAt(at + 2) << 8) |
    bytes.charCodeAt(at + 3)) >>>
  0;

export const asBigInt = ({ high, low }: Hash64): bigint => (BigInt(high) << 32n) | BigInt(low);
