import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/**
 * What a rule or query is for, in MITRE ATT&CK's words: techniques by tactic, `{ "Persistence": ["T1098.001"] }`.
 * `attack.json` has all that are used, by ATT&CK's present version, and what Sentinel calls them where it has not followed yet:
 * version 19 split Defense Evasion in two and moved T1562, while the API's enumeration AttackTactic still has the old tactic only.
 */
export const attackFile = z.record(z.string(), z.array(z.string()).min(1));
export type Attack = Readonly<Record<string, readonly string[]>>;

const knowledgeFile = z.strictObject({
  version: z.string(),
  tactics: z.record(
    z.string(),
    z.strictObject({ id: z.string().regex(/^TA\d{4}$/), sentinel: z.string().regex(/^[A-Z][A-Za-z]+$/) }),
  ),
  techniques: z.record(
    z.string().regex(/^T\d{4}(\.\d{3})?$/),
    z.strictObject({
      name: z.string().min(1),
      tactics: z.array(z.string()).min(1),
      sentinel: z
        .string()
        .regex(/^T\d{4}(\.\d{3})?$/)
        .optional(),
    }),
  ),
});

const knowledge = knowledgeFile.parse(JSON.parse(readFileSync(join(import.meta.dirname, "attack.json"), "utf8")));

/** What is wrong with a mapping, if anything. */
export function attackProblems(attack: Attack): string[] {
  return Object.entries(attack).flatMap(([tactic, techniques]) => {
    if (!knowledge.tactics[tactic]) return [`attack.json knows no tactic ${JSON.stringify(tactic)}`];
    return techniques.flatMap((technique) => {
      const known = knowledge.techniques[technique];
      if (!known) return [`attack.json knows no technique ${JSON.stringify(technique)}`];
      return known.tactics.includes(tactic)
        ? []
        : [`${technique} is for ${known.tactics.join(", ")}, not for ${tactic}`];
    });
  });
}

/** A mapping as Sentinel's API takes it: `techniques` are `T####`, their sub-techniques stand apart. */
export interface SentinelAttack {
  readonly tactics: readonly string[];
  readonly techniques: readonly string[];
  readonly subTechniques: readonly string[];
}

/** @see https://learn.microsoft.com/rest/api/securityinsights/alert-rules/create-or-update#attacktactic */
export function sentinelAttack(attack: Attack): SentinelAttack {
  const tactics = Object.keys(attack).map((tactic) => knowledge.tactics[tactic]?.sentinel ?? tactic);
  const techniques = Object.values(attack)
    .flat()
    .map((technique) => knowledge.techniques[technique]?.sentinel ?? technique);
  return {
    tactics: [...new Set(tactics)],
    techniques: [...new Set(techniques.map((technique) => technique.slice(0, 5)))],
    subTechniques: [...new Set(techniques.filter((technique) => technique.includes(".")))],
  };
}

/** A technique with its name, for people. */
export function techniqueName(technique: string): string {
  return `${technique} ${knowledge.techniques[technique]?.name ?? ""}`.trimEnd();
}
