import { expect, test } from "vitest";
import { chooseContent, chooseRules } from "../../kql/catalog-choices.ts";
import { readRules } from "../../kql/catalog-rules.ts";
import { parseContent } from "../../stacks/content.ts";
import { Fields } from "../../stacks/fields.ts";
import type { Problem } from "../../stacks/problem.ts";

/** What a stack's `content` means, and what is wrong with it. */
function parse(content: unknown) {
  const problems: Problem[] = [];
  return { choices: parseContent(new Fields({ content }, "", problems)), problems };
}

test("a stack that says nothing has everything", () => {
  expect(parse(undefined)).toEqual({
    choices: { enabled: true, rules: {}, hunting: {}, workbooks: {} },
    problems: [],
  });
});

test.each([["off"], ["false"], [false]])("%j leaves an item out, whoever wrote the file", (off) => {
  const { choices, problems } = parse({
    rules: { "valence-alert": off },
    hunting: { "sentinelone-console-access": off },
    workbooks: { "sentinelone-overview": off },
  });
  expect(problems).toEqual([]);
  expect(choices.rules).toEqual({ "valence-alert": "off" });
  expect(choices.hunting).toEqual({ "sentinelone-console-access": "off" });
  expect(choices.workbooks).toEqual({ "sentinelone-overview": "off" });
  expect(chooseRules(readRules(), choices).map(({ id }) => id)).not.toContain("valence-alert");
});

test("nothing of a kind is left where all is off", () => {
  const { choices } = parse({ enabled: "off" });
  expect(chooseRules(readRules(), choices)).toEqual([]);
  expect(chooseContent([{ id: "sentinelone-overview" }], choices, "workbooks")).toEqual([]);
});

test("a rule is as the stack wants it", () => {
  const { choices, problems } = parse({
    rules: { "valence-alert": { severity: "Medium", frequency: "15m", enabled: "off" }, "health-stream-silent": "on" },
  });
  expect(problems).toEqual([]);
  const rules = chooseRules(readRules(), choices);
  expect(rules.find(({ id }) => id === "valence-alert")).toMatchObject({
    severity: "Medium",
    frequency: "PT15M",
    enabled: false,
  });
  expect(rules).toHaveLength(readRules().length);
});

test.each([
  [{ rules: { "valence-alarm": "off" } }, "content.rules.valence-alarm", /valence-alert/],
  [{ rules: { "valence-alert": { frequency: "2d" } } }, "content.rules.valence-alert.frequency", /looks back \(P1D\)/],
  [
    { rules: { "valence-risky-app": { frequency: "30m" } } },
    "content.rules.valence-risky-app.frequency",
    /1h or longer/,
  ],
  [
    { rules: { "health-token-expires": { frequency: "1h" } } },
    "content.rules.health-token-expires.frequency",
    /counts on P1D/,
  ],
  [{ rules: { "valence-alert": { severity: "Critical" } } }, "content.rules.valence-alert.severity", /High, Medium/],
  [{ rules: { "valence-alert": { sevrity: "High" } } }, "content.rules.valence-alert.sevrity", /severity/],
  [{ rules: { "valence-alert": "maybe" } }, "content.rules.valence-alert", /on or off/],
  [{ hunting: { nothing: "off" } }, "content.hunting.nothing", /sentinelone-console-access/],
  [{ enabled: "perhaps" }, "content.enabled", /on or off/],
  [{ detections: {} }, "content.detections", /rules/],
])("%j is refused", (content, setting, allowed) => {
  const { problems } = parse(content);
  expect(problems).toMatchObject([{ setting }]);
  expect(problems[0]?.allowed).toMatch(allowed);
});
