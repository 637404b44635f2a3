import type { Problem } from "./problem.ts";

/**
 * Reads the fields of one object of config. A field that is wrong is noted as a problem and read as undefined, so that all that is wrong
 * can be told at once.
 */
export class Fields {
  readonly problems: Problem[];
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #known = new Set<string>();

  /** @param path where the object lies in config, e.g. `connections[0]`; empty for the config itself */
  constructor(values: Readonly<Record<string, unknown>>, path: string, problems: Problem[]) {
    this.#values = values;
    this.#path = path;
    this.problems = problems;
  }

  /** Whether the field was given at all; an empty text counts as left out, since `Pulumi.yaml` cannot default to nothing. */
  has(key: string): boolean {
    return this.#value(key) !== undefined;
  }

  text(key: string, allowed: string, accepts: (text: string) => boolean): string | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (typeof value === "string" && accepts(value)) return value;
    return this.refuse(key, allowed);
  }

  /** A text that is never shown. */
  secret(key: string): string | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (typeof value === "string" && value.trim() === value) return value;
    return this.refuse(key, "the token as text, without spaces around it");
  }

  oneOf<const T extends string>(key: string, allowed: readonly T[]): T | undefined {
    const value = this.text(key, allowed.join(", "), (text) => (allowed as readonly string[]).includes(text));
    return value as T | undefined;
  }

  integer(key: string, least: number, most: number): number | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= most) return number;
    return this.refuse(key, `a whole number from ${least} to ${most}`);
  }

  boolean(key: string): boolean | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    return this.refuse(key, "true or false");
  }

  object(key: string, allowed: string): Readonly<Record<string, unknown>> | undefined {
    const value = parsed(this.#value(key));
    if (value === undefined) return undefined;
    if (isRecord(value)) return value;
    return this.refuse(key, allowed);
  }

  list(key: string, allowed: string): readonly unknown[] | undefined {
    const value = parsed(this.#value(key));
    if (value === undefined) return undefined;
    if (Array.isArray(value)) return value;
    return this.refuse(key, allowed);
  }

  /** Notes that a field is wrong or missing. */
  refuse(key: string, allowed: string, fix = `pulumi config set --path '${this.path(key)}' <value>`): undefined {
    this.problems.push({
      setting: this.path(key),
      given: describe(key, this.#value(key)),
      allowed,
      fix: isSecret(key) ? `pulumi config set --secret --path '${this.path(key)}'` : fix,
    });
    return undefined;
  }

  /** Notes every field that nobody read: a typing error, or a setting of another version. */
  refuseUnknown(): void {
    for (const key of Object.keys(this.#values)) {
      if (this.#known.has(key)) continue;
      const allowed = [...this.#known].sort().join(", ");
      this.refuse(key, `no setting of that name; there are: ${allowed}`, `pulumi config rm --path '${this.path(key)}'`);
    }
  }

  path(key: string): string {
    return this.#path === "" ? key : `${this.#path}.${key}`;
  }

  #value(key: string): unknown {
    this.#known.add(key);
    const value = this.#values[key];
    return value === null || value === "" ? undefined : value;
  }
}

const isSecret = (key: string) => key === "apiToken";

/** A value as it is shown to people: cut, and hidden where it, or anything in it, is a secret. */
function describe(key: string, value: unknown): string {
  if (value === undefined) return "is missing";
  if (isSecret(key)) return "was given a value that is not shown";
  if (typeof value === "object") return `was given ${Array.isArray(value) ? "a list" : "an object"}`;
  const text = JSON.stringify(value);
  return `was given ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Config hands objects over as JSON text; what is none stays text, and is then refused for not being an object. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
