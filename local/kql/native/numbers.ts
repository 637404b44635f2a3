const integer = /^[+-]?\d+$/;
const hexadecimal = /^0[xX][0-9a-fA-F]{1,16}$/;
const floating = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const longMin = -(2n ** 63n);
const longMax = 2n ** 63n - 1n;

/** A 64-bit integer in decimal or hexadecimal digits; anything else, a fraction included, is null. */
export function parseLong(text: string): bigint | null {
  const trimmed = text.trim();
  if (hexadecimal.test(trimmed)) return BigInt.asIntN(64, BigInt(trimmed));
  if (!integer.test(trimmed)) return null;
  const value = BigInt(trimmed.replace("+", ""));
  return value < longMin || value > longMax ? null : value;
}

/** As `parseLong`, in 32 bits. */
export function parseInteger(text: string): number | null {
  const trimmed = text.trim();
  if (hexadecimal.test(trimmed)) return trimmed.length > 10 ? null : Number(BigInt.asIntN(32, BigInt(trimmed)));
  const value = parseLong(trimmed);
  return value === null || value < -2147483648n || value > 2147483647n ? null : Number(value);
}

export function parseReal(text: string): number | null {
  const trimmed = text.trim();
  if (floating.test(trimmed)) return Number(trimmed);
  const special = /^([+-]?)(nan|infinity|inf)$/i.exec(trimmed);
  if (special === null) return null;
  const [, sign = "", word = ""] = special;
  if (word.toLowerCase() === "nan") return Number.NaN;
  // "INF" alone is refused by Kusto, "inf" with a sign and "Infinity" are not
  if (word === "INF") return null;
  return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** `true`, `false` or an integer, which is true unless it is zero; anything else is null. */
export function parseBool(text: string): boolean | null {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === "true") return true;
  if (trimmed === "false") return false;
  const number = parseLong(trimmed);
  return number === null ? null : number !== 0n;
}

/** As .NET writes a double: `1500.0`, `1E+15`, `NaN`. */
export function realText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa = "0", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent >= 15 || exponent < -4) {
    return `${mantissa}E${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const fixed =
    exponent < 0 ? value.toFixed(Math.max(0, mantissa.replace(/[-.]/g, "").length - 1 - exponent)) : String(value);
  return fixed.includes(".") ? fixed : `${fixed}.0`;
}
