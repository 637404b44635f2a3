import { hash } from "node:crypto";

/** 64 bits that stand for a key or a content: two unsigned halves. */
export interface Hash64 {
  readonly high: number;
  readonly low: number;
}

/** A cryptographic hash cut to 64 bits: a collision would be a row that is silently taken for a duplicate. */
export function hash64(data: string | Uint8Array): Hash64 {
  const digest = hash("sha256", data, "buffer");
  return { high: digest.readUInt32BE(0), low: digest.readUInt32BE(4) };
}

export const asBigInt = ({ high, low }: Hash64): bigint => (BigInt(high) << 32n) | BigInt(low);
