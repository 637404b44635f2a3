import { describe, expect, test } from "vitest";
import { type AzureKind, azureName, deterministicGuid, globalName, secretName } from "../../components/naming.ts";

test.each([
  ["resourceGroup", "prod", undefined, "rg-s1v-prod"],
  ["workspace", "prod", undefined, "log-s1v-prod"],
  ["identity", "prod", undefined, "id-s1v-prod"],
  ["insights", "prod", undefined, "appi-s1v-prod"],
  ["plan", "prod", undefined, "asp-s1v-prod"],
  ["dataCollectionEndpoint", "prod", undefined, "dce-s1v-prod"],
  ["dataCollectionRule", "prod", "sentinelone-events", "dcr-s1v-prod-sentinelone-events"],
  ["resourceGroup", "Prod.EU_1", undefined, "rg-s1v-prod-eu-1-515c"],
] as const)("%s of stack %s", (kind, stack, role, expected) => {
  expect(azureName(kind, stack, role)).toBe(expected);
});

test.each([
  ["functionApp", "prod", "func-s1v-prod-x7k2qa"],
  ["vault", "prod", "kv-s1v-prod-x7k2qa"],
  ["storageAccount", "prod", "sts1vprodx7k2qa"],
  ["vault", "customer-nine-prod", "kv-s1v-custo-7143-x7k2qa"],
  ["storageAccount", "customer-nine-prod", "sts1vcustomern7143x7k2qa"],
] as const)("%s of stack %s, which is global", (kind, stack, expected) => {
  expect(globalName(kind, stack, "x7k2qa")).toBe(expected);
});

/** Azure's own rules, from its page of resource name rules. */
const rules: Readonly<Record<AzureKind, RegExp>> = {
  resourceGroup: /^[\w().-]{1,89}[\w()-]$/,
  workspace: /^[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]$/,
  identity: /^[a-zA-Z0-9][\w-]{2,127}$/,
  insights: /^[^%&\\?/]{1,259}[^%&\\?/. ]$/,
  plan: /^[a-zA-Z0-9-]{1,60}$/,
  dataCollectionEndpoint: /^[a-zA-Z0-9][a-zA-Z0-9-]{1,42}[a-zA-Z0-9]$/,
  dataCollectionRule: /^[a-zA-Z0-9][a-zA-Z0-9-]{1,62}[a-zA-Z0-9]$/,
  actionGroup: /^[^:<>+/&%\\?]{1,259}[^:<>+/&%\\? ]$/,
  alert: /^[^*#&+:<>?@%{}\\/|]{1,259}[^*#&+:<>?@%{}\\/|. ]$/,
  privateEndpoint: /^[a-zA-Z0-9]([\w.-]{0,62}\w)?$/,
  monitorScopeMember: /^[\w().-]{1,254}[\w()-]$/,
  publicAddress: /^[a-zA-Z0-9]([\w.-]{0,78}\w)?$/,
  natGateway: /^[a-zA-Z0-9]([\w.-]{0,78}\w)?$/,
  functionApp: /^[a-zA-Z0-9][a-zA-Z0-9-]{0,58}[a-zA-Z0-9]$/,
  vault: /^(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/,
  storageAccount: /^[a-z0-9]{3,24}$/,
};

const stacks = [
  "a",
  "prod",
  "Prod",
  "prod.eu",
  "prod-eu",
  "prod_eu",
  "-prod-",
  "a--b",
  "...",
  "x".repeat(100),
  `${"x".repeat(99)}y`,
];

describe.each(Object.keys(rules) as AzureKind[])("every name of a %s", (kind) => {
  const nameOf = (stack: string) =>
    kind === "functionApp" || kind === "vault" || kind === "storageAccount"
      ? globalName(kind, stack, "a1b2c3")
      : azureName(kind, stack, kind === "dataCollectionRule" ? "sentinelone-inventory" : undefined);

  test.each(stacks)("is one that Azure takes: stack %s", (stack) => expect(nameOf(stack)).toMatch(rules[kind]));

  test("belongs to one stack only", () => {
    const names = stacks.map((stack) => nameOf(stack).toLowerCase());
    expect(new Set(names).size).toBe(stacks.length);
  });
});

test("a role that leaves no room for the stack is refused, not cut", () => {
  expect(() => azureName("dataCollectionRule", "prod", "r".repeat(60))).toThrow(/longer than the 64 characters/);
});

test("GUIDs are of version 5, the same for the same parts in any case, and others for others", () => {
  const guid = deterministicGuid("/subscriptions/A", "who", "what");
  expect(guid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(deterministicGuid("/SUBSCRIPTIONS/a", "who", "what")).toBe(guid);
  expect(deterministicGuid("/subscriptions/A", "whow", "hat")).not.toBe(guid);
});

test("a secret is named after its connection", () => expect(secretName("emea")).toBe("connection-emea"));
