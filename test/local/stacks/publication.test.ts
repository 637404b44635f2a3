import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalAzure, startLocalAzure } from "../../../local/azure/local-azure.ts";
import type { FaultAction } from "../../../local/azure/network/front.ts";
import { deployStack } from "../../../local/commands/deploy-stack.ts";
import { readStackConfig } from "../../../local/commands/stack-config.ts";

/** What the app's deployment site answers to the next packages, before it takes them. */
const refusals: number[] = [];
let publications = 0;
let azure: LocalAzure;
beforeAll(async () => {
  azure = await startLocalAzure({ timers: "manual", fault });
});
afterAll(() => azure.close());

function fault(request: Request): FaultAction | undefined {
  if (request.method !== "POST" || new URL(request.url).pathname !== "/api/publish") return undefined;
  const status = refusals.shift();
  if (status !== undefined) return { kind: "answer", response: Response.json({ message: "canary-body" }, { status }) };
  publications++;
  return undefined;
}

/** What `pulumi up` would do: `<kind> <resource>` for all that is not as it was. */
async function up(): Promise<readonly string[]> {
  const touched: string[] = [];
  const connections = [{ name: "saas", vendor: "valence", url: "https://saas.example", apiToken: "canary-token" }];
  const config = readStackConfig("local", { content: { enabled: "off" }, connections }, ["connections"]);
  await deployStack(azure, "local", config, ({ kind, name }) => {
    if (kind !== "same") touched.push(`${kind} ${name}`);
  });
  return touched;
}

test("code that could not be published fails the up, and is published once by the next", async () => {
  // The one passes, the other does not.
  refusals.push(409, 400);
  const failure = await up().catch((error: unknown) => error as Error);
  expect(failure).toMatchObject({
    message: expect.stringMatching(
      /connector-code.* could not be created: func-.*\.scm\.azurewebsites\.net: POST \/api\/publish answers 400, which trying again will not cure/,
    ),
  });
  expect(String(failure)).not.toContain("canary");
  const [app] = azure.cloud.deployed.sites();
  expect([refusals.length, publications, azure.functions.functions(app?.name ?? "")]).toEqual([0, 0, []]);

  expect(await up()).toContain("create connector-code");
  expect(azure.functions.functions(app?.name ?? "").map(({ name }) => name)).toEqual(["schedule", "collect"]);
  expect(await up()).toEqual([]);
  expect(publications).toBe(1);
});
