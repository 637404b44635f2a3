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
  /** Fields whose text may be a token, or hold one; so may that of a field nobody knows. */
  readonly #hidden = new Set<string>();
  readonly #secrets = new Set<string>();

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

  /** The value as it was given; undefined where it was not. */
  raw(key: string): unknown {
    return this.#value(key);
  }

  text(key: string, allowed: string, accepts: (text: string) => boolean): string | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (typeof value === "string" && accepts(value)) return value;
    return this.refuse(key, allowed);
  }

  /** A text that is never shown. */
  secret(key: string): string | undefined {
    this.#hidden.add(key);
    this.#secrets.add(key);
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
    this.#hidden.add(key);
    const value = parsed(this.#value(key));
    if (value === undefined) return undefined;
    if (isRecord(value)) return value;
    return this.refuse(key, allowed);
  }

  list(key: string, allowed: string): readonly unknown[] | undefined {
    this.#hidden.add(key);
    const value = parsed(this.#value(key));
    if (value === undefined) return undefined;
    if (Array.isArray(value)) return value;
    return this.refuse(key, allowed);
  }

  /** Notes that a field is wrong or missing. */
  refuse(key: string, allowed: string, fix = `pulumi config set --path '${this.path(key)}' <value>`): undefined {
    this.problems.push({
      setting: this.path(key),
      given: this.#describe(key),
      allowed,
      fix: this.#secrets.has(key) ? `pulumi config set --secret --path '${this.path(key)}'` : fix,
    });
    return undefined;
  }

  /**
   * Notes every field that nobody read: a typing error, or a setting of another version.
   * @param when what decides which fields there are, e.g. `with mode: push`
   */
  refuseUnknown(when?: string): void {
    const what = ["no setting of that name", ...(when === undefined ? [] : [when])].join(" ");
    const allowed = [...this.#known].sort().join(", ");
    for (const key of Object.keys(this.#values).filter((name) => !this.#known.has(name))) {
      this.#hidden.add(key);
      this.refuse(key, `${what}; there are: ${allowed}`, `pulumi config rm --path '${this.path(key)}'`);
    }
  }

  path(key: string): string {
    return this.#path === "" ? key : `${this.#path}.${key}`;
  }

  #describe(key: string): string {
    const value = parsed(this.#value(key));
    if (value === undefined) return "is missing";
    if (typeof value === "object") return `was given ${Array.isArray(value) ? "a list" : "an object"}`;
    if (this.#hidden.has(key)) return "was given a value that is not shown";
    const text = JSON.stringify(this.#value(key));
    return `was given ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`;
  }

  #value(key: string): unknown {
    this.#known.add(key);
    const value = this.#values[key];
    return value === null || value === "" ? undefined : value;
  }
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
