/** 19 digits, ascending with time like the console's own: milliseconds since its epoch above 22 bits that tell rows of one millisecond apart. */
export const objectId = (micros: number, low: number): string =>
  String(((BigInt(Math.floor(micros / 1000)) - EPOCH) << 22n) | BigInt(low));

const EPOCH = BigInt(Date.UTC(2012, 1, 17));

/** Spreads ordinals over 22 bits, so that neighbours do not count up by one. Odd multiplier: no two ordinals meet. */
export const spread = (ordinal: number): number => Math.imul(ordinal, 2_654_435) & 0x3f_ffff;

/** A JSON number with every digit kept: inside `activity.data` the console sends ids this way, and doubles would round them. */
export const exactNumber = (digits: string): unknown =>
  (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(digits);
