import type { Rule, Severity } from "./catalog-rules.ts";

/** What a stack says about a rule: leave it out, or deploy it otherwise than it is written. */
export type RuleChoice =
  | "off"
  | {
      /** False: the rule is there, and Sentinel does not run it. */
      readonly enabled?: boolean;
      readonly severity?: Severity;
      /** As ISO 8601 writes it. */
      readonly frequency?: string;
    };

/** What a stack says about rules, hunting queries and workbooks, each by its id, `<vendor>-<name>`. */
export interface ContentChoices {
  /** False: none of them is deployed. */
  readonly enabled: boolean;
  readonly rules: Readonly<Record<string, RuleChoice>>;
  readonly hunting: Readonly<Record<string, "off">>;
  readonly workbooks: Readonly<Record<string, "off">>;
}

/** The items that a stack wants. */
export function chooseContent<T extends { readonly id: string }>(
  items: readonly T[],
  choices: ContentChoices,
  kind: "rules" | "hunting" | "workbooks",
): readonly T[] {
  return choices.enabled ? items.filter(({ id }) => choices[kind][id] !== "off") : [];
}

/** A rule as the stack wants it. */
export type ChosenRule = Rule & { readonly enabled: boolean };

/** The rules that a stack wants, as it wants them. */
export function chooseRules(rules: readonly Rule[], choices: ContentChoices): readonly ChosenRule[] {
  return chooseContent(rules, choices, "rules").map((rule) => {
    const choice = choices.rules[rule.id];
    return { ...rule, enabled: true, ...(choice === "off" ? {} : choice) };
  });
}
