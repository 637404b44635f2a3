/** What ES2025 adds to JSON, and Node has. */
interface RawJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}

const json = JSON as unknown as RawJson;

/** JSON.parse that keeps whole numbers beyond 2^53 as they are written; they come out of JSON.stringify unchanged. */
export function parseLossless(text: string): unknown {
  return json.parse(text, (_, value, { source }) =>
    typeof value === "number" && source !== undefined && Number.isInteger(value) && !Number.isSafeInteger(value)
      ? json.rawJSON(source)
      : value,
  );
}

/** The same text for the same value, whatever the order of its members. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null || isRaw(value)) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}

const isRaw = (value: object) => Object.getPrototypeOf(value) === null && "rawJSON" in value;
