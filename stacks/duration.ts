const hoursPerUnit: Readonly<Record<string, number>> = { m: 1 / 60, h: 1, d: 24, w: 168 };

/** Hours in a duration such as `90m`, `24h`, `7d` or `2w`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(text) ?? [];
  const hours = Number(amount) * (hoursPerUnit[unit ?? ""] ?? Number.NaN);
  return hours > 0 ? hours : undefined;
}
