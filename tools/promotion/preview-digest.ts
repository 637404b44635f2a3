import { readFileSync } from "node:fs";
import { z } from "zod";

/** What `pulumi preview --json` and `pulumi refresh --preview-only --json` print, as far as it is read here. Secrets come masked. */
const previewDigest = z.object({
  steps: z
    .array(
      z.object({
        op: z.string(),
        urn: z.string(),
        detailedDiff: z.record(z.string(), z.object({ kind: z.string() })).nullish(),
        diffReasons: z.array(z.string()).nullish(),
        newState: z.object({ inputs: z.record(z.string(), z.unknown()).nullish() }).nullish(),
      }),
    )
    .nullish(),
});

/** What would be done to one resource. */
export interface Change {
  /** `create`, `update`, `replace`, `delete`, … */
  readonly op: string;
  readonly urn: string;
  /** Last part of the URN. */
  readonly name: string;
  readonly type: string;
  /** Paths of the properties that differ, in order. */
  readonly properties: readonly string[];
  /** What the program asks for; nothing where the resource goes. */
  readonly inputs: unknown;
}

/** A file that is not what the CLI prints. */
export class DigestError extends Error {
  override readonly name = "DigestError";
}

/** The steps that change something, in the order of their URNs. Throws {@link DigestError}. */
export function readChanges(file: string): readonly Change[] {
  return parseChanges(readFileSync(file, "utf8"), file);
}

/** The same from text; `source` is named in errors. */
export function parseChanges(text: string, source: string): readonly Change[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new DigestError(`${source} is not JSON: run pulumi with --json, and look at what it wrote to stderr.`);
  }
  const parsed = previewDigest.safeParse(json);
  if (!parsed.success) {
    throw new DigestError(`${source} is not what \`pulumi preview --json\` prints: ${z.prettifyError(parsed.error)}`);
  }
  return (parsed.data.steps ?? [])
    .filter(({ op }) => !unchanged.has(op))
    .map(({ op, urn, detailedDiff, diffReasons, newState }) => ({
      op,
      urn,
      ...partsOf(urn),
      properties: Object.keys(detailedDiff ?? {}).length
        ? Object.keys(detailedDiff ?? {}).sort()
        : [...(diffReasons ?? [])].sort(),
      inputs: newState?.inputs ?? null,
    }))
    .sort((a, b) => (a.urn === b.urn ? compare(a.op, b.op) : compare(a.urn, b.urn)));
}

const unchanged = new Set(["same", "read", "refresh"]);

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** `urn:pulumi:<stack>::<project>::<parent types$type>::<name>` */
function partsOf(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}
