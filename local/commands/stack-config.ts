import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** Config of a stack as the engine hands it to the program: values as text, objects as JSON, and which keys are secret. */
export interface StackConfig {
  readonly values: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

interface ProjectFile {
  readonly name: string;
  readonly config?: Readonly<
    Record<string, { readonly default?: unknown; readonly value?: unknown; readonly secret?: boolean } | string>
  >;
}

const root = join(import.meta.dirname, "..", "..");

/** Absolute path of the program. */
export const programEntry = join(root, "stacks", "index.ts");

/** The project's name, from `Pulumi.yaml`. */
export function projectName(): string {
  return readProject().name;
}

/**
 * What `pulumi up --stack <stack>` would see: defaults of `Pulumi.yaml`, then `stacks/Pulumi.<stack>.yaml`, then the overrides
 * (keys without a namespace are the project's own).
 */
export function readStackConfig(
  stack: string,
  overrides: Readonly<Record<string, unknown>> = {},
  secrets: readonly string[] = [],
): StackConfig {
  const project = readProject();
  const qualify = (key: string) => (key.includes(":") ? key : `${project.name}:${key}`);
  const stackFile = parse(readFileSync(join(root, "stacks", `Pulumi.${stack}.yaml`), "utf8")) as {
    config?: Record<string, unknown>;
  } | null;
  const values: Record<string, string> = {};
  const set = (key: string, value: unknown) => {
    if (value !== undefined) values[qualify(key)] = typeof value === "string" ? value : JSON.stringify(value);
  };
  for (const [key, setting] of Object.entries(project.config ?? {})) {
    set(key, typeof setting === "string" ? undefined : (setting.default ?? setting.value));
  }
  for (const [key, value] of Object.entries(stackFile?.config ?? {})) set(key, value);
  for (const [key, value] of Object.entries(overrides)) set(key, value);
  return { values, secretKeys: secrets.map(qualify) };
}

function readProject(): ProjectFile {
  return parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as ProjectFile;
}
