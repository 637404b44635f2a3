import { afterAll, beforeAll, expect, test } from "vitest";
import * as rules from "../../policy/rules.ts";
import { unknown } from "../azure/engine/wire-values.ts";
import { PolicyPack } from "./policy-pack.ts";

let pack: PolicyPack;
beforeAll(async () => {
  pack = await PolicyPack.start();
});
afterAll(() => pack[Symbol.asyncDispose]());

const resource = (type: string, name: string, properties: object, dependencies: readonly string[] = []) => ({
  urn: `urn:pulumi:dev::project::azure-native:${type}::${name}`,
  type: `azure-native:${type}`,
  name,
  properties: properties as Record<string, unknown>,
  dependencies,
});

const good = {
  tags: { application: "x", stack: "dev" },
  minimumTlsVersion: "TLS1_2",
  enableHttpsTrafficOnly: true,
  allowSharedKeyAccess: false,
  allowBlobPublicAccess: false,
};
const account = (properties: object) => pack.analyze(resource("storage:StorageAccount", "st", properties));

test("the engine finds every rule in the pack, all of them mandatory", async () => {
  const policies = await pack.policies();
  expect(policies).toHaveLength(Object.keys(rules).length);
  expect(policies.filter(({ isMandatory }) => !isMandatory)).toEqual([]);
});

test("what keeps to the policies passes, what breaks one is named", async () => {
  expect(await account(good)).toEqual([]);
  expect(await account({ ...good, allowSharedKeyAccess: true })).toEqual([
    {
      policy: "no-shared-keys",
      message: expect.stringContaining("allowSharedKeyAccess has to be false") as string,
      isMandatory: true,
    },
  ]);
});

test("what a preview does not know yet is no violation, and stops nothing", async () => {
  expect(await account({ ...good, allowSharedKeyAccess: unknown })).toEqual([
    { policy: "no-shared-keys", message: expect.stringContaining("during preview") as string, isMandatory: false },
  ]);
});

test("a stack is judged by what its resources depend on, in a preview as well", async () => {
  const rule = resource("monitor:DataCollectionRule", "dcr", {});
  // As azure-native previews a creation: what Azure may add is not known.
  const log = { category: "LogErrors", enabled: true, categoryGroup: unknown, retentionPolicy: unknown };
  const setting = (logs: unknown) => resource("monitor:DiagnosticSetting", "setting", { logs }, [rule.urn]);
  const ofTheVault = resource("monitor:DiagnosticSetting", "kv", { logs: [{ ...log, category: unknown }] });
  expect(await pack.analyzeStack([ofTheVault, rule, setting([log])])).toEqual([]);
  expect(await pack.analyzeStack([rule, setting([{ ...log, enabled: false }])])).toEqual([
    { policy: "rules-tell-errors", message: expect.stringContaining("LogErrors") as string, isMandatory: true },
  ]);
  expect(await pack.analyzeStack([rule, setting(unknown)])).toMatchObject([{ isMandatory: false }]);
});
