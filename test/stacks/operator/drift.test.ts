import { expect, test } from "vitest";
import { ResourceManagerError } from "../../../components/resource-manager.ts";
import { findDrift } from "../../../stacks/operator/drift.ts";
import { comparedTypes, openResources, type StackResource } from "../../../stacks/operator/stack-resources.ts";

const resource = (type: string, inputs: object, outputs: object = {}): StackResource => ({
  type,
  name: "connector-thing",
  id: "/subscriptions/s/thing",
  inputs: inputs as StackResource["inputs"],
  outputs: outputs as StackResource["outputs"],
});

const table = resource(comparedTypes.table, {
  schema: {
    columns: [
      { name: "TimeGenerated", type: "dateTime" },
      { name: "Connection", type: "string" },
    ],
  },
});
const columns = (...named: readonly (readonly [string, string])[]) => ({
  properties: { schema: { columns: named.map(([name, type]) => ({ name, type })) } },
});
const app = resource(comparedTypes.app, {
  siteConfig: {
    appSettings: [
      { name: "A", value: "1" },
      { name: "B", value: { encrypted: true } },
    ],
  },
});
const premiumApp = resource(comparedTypes.generic, { resourceType: "sites", properties: app.inputs });
const code = resource(comparedTypes.code, {}, { appId: "app", sha256: "abc", deploymentId: "d1" });

test.each([
  ["a role that is there", resource(comparedTypes.role, {}), {}, undefined],
  ["a role that is gone", resource(comparedTypes.role, {}), undefined, "the role is no longer assigned"],
  ["a rule that is on", resource(comparedTypes.rule, { enabled: true }), { properties: { enabled: true } }, undefined],
  [
    "a rule that somebody disabled",
    resource(comparedTypes.rule, { enabled: true }),
    { properties: { enabled: false } },
    "the rule is disabled",
  ],
  [
    "a rule that the stack has off",
    resource(comparedTypes.rule, { enabled: false }),
    { properties: { enabled: false } },
    undefined,
  ],
  ["a rule that is gone", resource(comparedTypes.rule, { enabled: true }), undefined, "the rule is gone"],
  [
    "a table in other letters, with more",
    table,
    columns(["TimeGenerated", "datetime"], ["Connection", "string"], ["Mine", "int"]),
    undefined,
  ],
  [
    "a table without a column",
    table,
    columns(["TimeGenerated", "dateTime"]),
    "the column Connection is missing: what is delivered for it is dropped",
  ],
  [
    "a table with another type",
    table,
    columns(["TimeGenerated", "dateTime"], ["Connection", "dynamic"]),
    "the column Connection is dynamic, and not string",
  ],
  ["a table that is gone", table, undefined, "the table is gone"],
  ["settings as they were", app, { properties: { A: "1", B: "?" } }, undefined],
  ["an app that is gone", app, undefined, "the app is gone"],
  ["an app in ARM's own words that is gone", premiumApp, undefined, "the app is gone"],
  ["one whose setting somebody took", premiumApp, { properties: { B: "?" } }, "the app setting A is missing"],
  ["its plan", resource(comparedTypes.generic, { resourceType: "serverfarms" }), undefined, undefined],
  ["something else", resource("azure-native:storage:Queue", {}), undefined, undefined],
])("%s", async (_, of, answer, expected) => {
  const ask = () => Promise.resolve(answer && { id: of.id, name: of.name, ...answer });
  const readCode = () => Promise.reject(new Error("not asked"));
  const found = await findDrift([of], { arm: { get: ask, reveal: ask }, readCode });
  expect(found).toEqual(expected === undefined ? [] : [{ resource: "connector-thing", difference: expected }]);
});

test.each([
  ["what was published", { ...code.outputs }, []],
  [
    "another package",
    { ...code.outputs, sha256: "unknown" },
    ["the app runs another package than the one that was published"],
  ],
  ["nothing", {}, ["the app is gone"]],
])("an app that runs %s", async (_, props, expected) => {
  const ask = () => Promise.reject(new Error("not asked"));
  const found = await findDrift([code], {
    arm: { get: ask, reveal: ask },
    readCode: (id) => Promise.resolve({ id, props: props as never }),
  });
  expect(found.map(({ difference }) => difference)).toEqual(expected);
});

test("what may not be seen is told beside what differs", async () => {
  const refuse = () => Promise.reject(new ResourceManagerError("You need the role Website Contributor."));
  const gone = () => Promise.resolve(undefined);
  const readCode = () => Promise.reject(new Error("not asked"));
  const found = await findDrift([app, table], { arm: { get: gone, reveal: refuse }, readCode });
  expect(found.map(({ difference }) => difference)).toEqual([
    "it cannot be compared: You need the role Website Contributor.",
    "the table is gone",
  ]);
});

test("what is told of a local deployment holds nothing secret and nothing that is not compared", () => {
  const told = openResources([
    { ...app, inputs: { ...app.inputs, password: "canary" }, secrets: ["password"] },
    { ...resource("azure-native:keyvault:Secret", { value: "canary" }), secrets: [] },
  ]);
  expect(told).toEqual([app]);
});
