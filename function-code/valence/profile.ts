import { CollectionError } from "../errors.ts";

/**
 * How Valence's API is spoken to. Nothing public describes it: every default here is a guess that nobody has confirmed, which is why each
 * of them can be set per connection. `connector probe` shows what the guess returns.
 */
export interface ValenceProfile {
  readonly method: "GET" | "POST";
  /** Header that carries the key, and the word before it (empty for none). */
  readonly header: string;
  readonly scheme: string;
  readonly paths: { readonly alerts: string; readonly alertTypes: string; readonly auditLogs: string };
  /** How further pages are asked for. */
  readonly paging: "cursor" | "offset" | "page" | "none";
  /** Names of the request's parameters; empty where the API has none. They travel in the query, or as a JSON object with POST. */
  readonly parameters: {
    readonly from: string;
    readonly to: string;
    readonly limit: string;
    /** Carries the cursor, the offset or the page's number. */
    readonly continuation: string;
  };
  /** Unit of `from` and `to`. */
  readonly timeUnit: "seconds" | "milliseconds" | "iso";
  readonly pageSize: number;
  /** JSON pointers into an answer: the list, and the cursor of the next page. */
  readonly items: string;
  readonly next: string;
  /** Whether rows come oldest first. With `unknown` order each poll reads its whole window. */
  readonly order: "ascending" | "unknown";
}

const defaults: ValenceProfile = {
  method: "GET",
  header: "Authorization",
  scheme: "Bearer",
  paths: { alerts: "/api/v1/alerts", alertTypes: "/api/v1/alert-types", auditLogs: "/api/v1/audit-logs" },
  paging: "cursor",
  parameters: { from: "from", to: "to", limit: "limit", continuation: "cursor" },
  timeUnit: "seconds",
  pageSize: 500,
  items: "/items",
  next: "/nextCursor",
  order: "ascending",
};

const choices: Readonly<Record<string, readonly string[]>> = {
  method: ["GET", "POST"],
  paging: ["cursor", "offset", "page", "none"],
  timeUnit: ["seconds", "milliseconds", "iso"],
  order: ["ascending", "unknown"],
};

/** The defaults with a connection's differences. Throws one error that names every member that is wrong. */
export function readProfile(connection: string, differences: Readonly<Record<string, unknown>> = {}): ValenceProfile {
  const problems: string[] = [];
  const merged = merge("", defaults, differences, problems) as ValenceProfile;
  if (problems.length === 0) return merged;
  const text = `valence "${connection}": the profile is wrong: ${problems.join("; ")}. Correct "profile" of this connection in the stack's settings.`;
  throw new CollectionError("failing", "configuration", text);
}

function merge(path: string, base: object, differences: unknown, problems: string[]): object {
  if (typeof differences !== "object" || differences === null || Array.isArray(differences)) {
    problems.push(`"${path}" must be an object`);
    return base;
  }
  const known = base as Record<string, unknown>;
  const merged: Record<string, unknown> = { ...known };
  for (const [name, value] of Object.entries(differences as Record<string, unknown>)) {
    const member = path ? `${path}.${name}` : name;
    const standard = known[name];
    if (standard === undefined) problems.push(`"${member}" is unknown; there are ${Object.keys(known).join(", ")}`);
    else if (typeof standard === "object") merged[name] = merge(member, standard as object, value, problems);
    else {
      const problem = problemOf(member, standard, value);
      if (problem) problems.push(`"${member}" is ${JSON.stringify(value)}, but ${problem}`);
      else merged[name] = value;
    }
  }
  return merged;
}

function problemOf(member: string, standard: unknown, value: unknown): string | undefined {
  if (typeof value !== typeof standard) return `must be a ${typeof standard}`;
  const allowed = choices[member];
  if (allowed && !allowed.includes(value as string)) return `must be one of ${allowed.join(", ")}`;
  if (member === "pageSize" && !(Number.isInteger(value) && (value as number) > 0))
    return "must be a whole number above 0";
  if ((member === "items" || member === "next") && !/^(\/[^/.]+)*$/.test(value as string))
    return 'must be a JSON pointer such as "/items"';
  if (member.startsWith("paths.") && !/^\/(?!\/)/.test(value as string)) return 'must be a path that begins with "/"';
  return undefined;
}
