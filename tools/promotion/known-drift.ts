import { readFileSync } from "node:fs";
import { z } from "zod";
import { type Change, DigestError } from "./preview-digest.ts";

/** Differences that every refresh shows though nobody changed anything, each with its reason. */
const knownDrift = z.array(
  z.strictObject({
    /** Pulumi type, e.g. `azure-native:web:WebApp`. */
    type: z.string(),
    /** Path of the property; what lies below it is known too. */
    property: z.string().min(1),
    because: z.string().min(1),
  }),
);

export type KnownDrift = z.infer<typeof knownDrift>;

export function readKnownDrift(file: string): KnownDrift {
  const parsed = knownDrift.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!parsed.success) throw new DigestError(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** What is left when known noise is taken away: what somebody changed behind the program's back. */
export function unknownDrift(changes: readonly Change[], known: KnownDrift): readonly Change[] {
  return changes.flatMap((change) => {
    // A resource that is gone, or a change that names no property, is never noise.
    if (change.op === "delete" || change.properties.length === 0) return [change];
    const properties = change.properties.filter(
      (path) => !known.some(({ type, property }) => type === change.type && isWithin(path, property)),
    );
    return properties.length === 0 ? [] : [{ ...change, properties }];
  });
}

function isWithin(path: string, property: string): boolean {
  return path === property || path.startsWith(`${property}.`) || path.startsWith(`${property}[`);
}
