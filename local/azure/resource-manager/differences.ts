import type { Properties } from "./provider.ts";

/** One place at which two sets of inputs differ. */
export interface Change {
  /** As Pulumi writes it: `dataFlows[0].transformKql`, `tags["cost.centre"]`. */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
}

/** Where and how two sets of inputs differ; undefined and absent are the same. */
export function changesBetween(before: Properties, after: Properties): Change[] {
  return changesAt(before, after, "");
}

/** Paths at which two sets of inputs differ. */
export function differences(before: Properties, after: Properties): string[] {
  return changesBetween(before, after).map(({ path }) => path);
}

function changesAt(before: unknown, after: unknown, path: string): Change[] {
  if (Object.is(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) =>
      changesAt(before[index], after[index], `${path}[${index}]`),
    ).flat();
  }
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => changesAt(before[key], after[key], below(path, key)));
  }
  if (before === undefined) return [{ path, kind: "add" }];
  return [{ path, kind: after === undefined ? "delete" : "update" }];
}

function below(path: string, key: string): string {
  if (/[.[\]"]/.test(key) || key === "") return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** Whether a path is, or lies below, one of the given paths; `*` stands for every path. */
export function isBelow(path: string, parents: readonly string[]): boolean {
  return parents.some(
    (parent) => parent === "*" || path === parent || path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`),
  );
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
