import { randomBytes, timingSafeEqual } from "node:crypto";

/** 24 random bytes in hexadecimal. */
export const newSecret = (): string => randomBytes(24).toString("hex");

/** Compares in a time that tells nothing about where they differ. */
export function sameSecret(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
