import { afterAll, beforeAll, expect, test } from "vitest";
import { readCatalog } from "../../../kql/catalog.ts";
import { type LocalAzure, startLocalAzure } from "../../../local/azure/local-azure.ts";
import { deployStack } from "../../../local/commands/deploy-stack.ts";
import { onlyContent } from "../../fixtures/content.ts";

const project = "sentinelone-valence-connector";
const emea = { name: "emea", vendor: "sentinelone", url: "https://emea.sentinelone.example", apiToken: "first" };
const tenant = { name: "saas", vendor: "valence", region: "eu", apiToken: "first" };

let azure: LocalAzure;
beforeAll(async () => {
  azure = await startLocalAzure({ timers: "manual" });
  await deploy({});
});
afterAll(() => azure.close());

const before = {
  location: "westeurope",
  protectData: "false",
  connections: [emea],
  // Those that name the connections themselves.
  content: onlyContent("health-rows-not-stored", "health-stream-not-collected"),
};

/** What `pulumi up` would do: `<kind> <resource>` for all that is not as it was. */
async function deploy(change: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const touched: string[] = [];
  const config = Object.entries({ ...before, ...change }).map(([key, value]) => [
    `${project}:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const values = Object.fromEntries(config) as Record<string, string>;
  await deployStack(
    azure,
    "dev",
    { values, secretKeys: [`${project}:connections`] },
    {
      onProgress({ kind, name }) {
        if (kind !== "same") touched.push(`${kind} ${name}`);
      },
    },
  );
  return touched.sort();
}

/** Each starts from what the one before left, and is taken back by the next. */
test.each<[string, Record<string, unknown>, readonly string[]]>([
  ["a token", { connections: [{ ...emea, apiToken: "second" }] }, ["update connector-vault-emea"]],
  [
    "one more connection, and the token back",
    { connections: [emea, tenant] },
    [
      "create connector-pages-valence",
      "create connector-vault-saas",
      "create connector-vault-saas-reader",
      "update connector-alerts-queue",
      "update connector-collector-func",
      "update connector-rules-health-rows-not-stored",
      "update connector-rules-health-stream-not-collected",
      "update connector-vault-emea",
    ],
  ],
  [
    "retention, and that connection gone",
    { retentionDays: "180" },
    [
      "delete connector-pages-valence",
      "delete connector-vault-saas",
      "delete connector-vault-saas-reader",
      "update connector-alerts-queue",
      "update connector-collector-func",
      "update connector-rules-health-rows-not-stored",
      "update connector-rules-health-stream-not-collected",
      ...readCatalog().map(({ id }) => `update connector-streams-${id}-table`),
      "update connector-workspace-log",
    ],
  ],
])("a change of %s touches exactly what it must", async (_, change, expected) => {
  expect(await deploy(change)).toEqual(expected.toSorted());
});
