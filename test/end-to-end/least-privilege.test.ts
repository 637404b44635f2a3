import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { groupByRule } from "../../components/streams.ts";
import { readCatalog } from "../../kql/catalog.ts";
import type { StoredResource } from "../../local/azure/cloud.ts";
import { localAzure, type TestAzure } from "../fixtures/local-azure.ts";

let azure: TestAzure;
beforeAll(async () => {
  // Little of each stream, and something of all.
  azure = await localAzure({ sentinelone: { scale: 0.005 }, settings: { since: "14d" } });
});
afterAll(() => azure[Symbol.asyncDispose]());

/** Role assignments of the stack, by the name that the program gives them. */
function assignments(): ReadonlyMap<string, StoredResource> {
  const { state } = azure.session.azure.cloud;
  return new Map(
    state.registrations.list("urn:pulumi:local::").flatMap(({ type, name, id }) => {
      const resource = state.get(id);
      return resource && type === "azure-native:authorization:RoleAssignment" ? [[name, resource] as const] : [];
    }),
  );
}

/** Runs something while one right is missing. */
async function without<T>(assignment: string, run: () => Promise<T>): Promise<T> {
  const { state } = azure.session.azure.cloud;
  const taken = assignments().get(assignment);
  if (!taken) throw new Error(`There is no assignment ${assignment}: ${[...assignments().keys()].join(", ")}`);
  state.delete(taken.id);
  try {
    return await run();
  } finally {
    state.set(taken);
  }
}

const statusOf = async (stream: string) => (await azure.collect(stream)).streams.map(({ status }) => status);

/** What the app says while its timer runs once. */
async function logOfTimer(): Promise<string> {
  const { functions } = azure.session.azure;
  const lines: string[] = [];
  const stop = functions.onLog(({ message }) => lines.push(message));
  await functions.runTimer(azure.session.outputs.functionAppName, "schedule").catch(() => {});
  stop();
  return lines.join("\n");
}

/** A stream of each rule, by the rule; that of health is written by all the others. */
const streamOf = new Map(
  [...groupByRule(readCatalog())].flatMap(([rule, streams]) => {
    const first = streams.find(({ vendor, enabledByDefault }) => enabledByDefault && vendor !== "health");
    return first ? [[rule, first.id] as const] : [];
  }),
);

// The worker's identity has these rights and no other, and first-run.test.ts runs on them. Each is taken away here, and what its comment in
// components/ says is what happens; the first two before anything was read, since the worker remembers tokens for five minutes.
describe("without the right", () => {
  test.each([
    ["connector-vault-sentinelone-simulator-reader", "sentinelone-groups"],
    ["connector-vault-valence-simulator-reader", "valence-audit-logs"],
  ])("%s the token of that connection cannot be read", async (assignment, stream) => {
    expect(await without(assignment, () => statusOf(stream))).toEqual(["waiting-for-azure"]);
    expect(await statusOf(stream)).toEqual(["ok"]);
  });

  test.each([...streamOf])(
    "connector-collector-%s-sender rows of that rule are not delivered",
    async (rule, stream) => {
      expect(await without(`connector-collector-${rule}-sender`, () => statusOf(stream))).toEqual([
        "waiting-for-azure",
      ]);
      expect(await statusOf(stream)).toEqual(["ok"]);
    },
  );

  test("connector-collector-health-events-sender nothing is told of a run", async () => {
    const told = () => azure.kql("ConnectorHealth_CL | count");
    const before = await told();
    await without("connector-collector-health-events-sender", () => azure.collect("sentinelone-sites"));
    expect(await told()).toEqual(before);
    await azure.collect("sentinelone-policies");
    expect(await told()).not.toEqual(before);
  });

  test.each([
    ["connector-storage-blobs", /lacks the role Storage Blob Data Owner/],
    ["connector-storage-queues", /403/],
    ["connector-storage-tables", /Storage Table Data Contributor/],
  ])("%s nothing is scheduled", async (assignment, why) => {
    expect(await without(assignment, logOfTimer)).toMatch(why);
  });

  test("connector-storage-queues no work is taken", async () => {
    await expect(without("connector-storage-queues", () => azure.collect("sentinelone-agents"))).rejects.toThrow(/403/);
  });
});

test("these are all the rights there are", () => {
  expect([...assignments().keys()].sort()).toEqual(
    [
      ...[...groupByRule(readCatalog()).keys()].map((rule) => `connector-collector-${rule}-sender`),
      "connector-health-telemetry",
      "connector-storage-blobs",
      "connector-storage-queues",
      "connector-storage-tables",
      "connector-vault-sentinelone-simulator-reader",
      "connector-vault-valence-simulator-reader",
    ].sort(),
  );
});
