import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { registerApplication } from "../../../../local/azure/identity/applications.ts";
import { TokenAuthority } from "../../../../local/azure/identity/tokens.ts";
import { resourceManagerPlane } from "../../../../local/azure/resource-manager/resource-manager-plane.ts";
import { send } from "../plane-client.ts";
import { subscription, types } from "./subscription.ts";

const { cloud, create, remove, known } = await subscription("group", "workspace", "table", "savedSearch", "account");
const authority = new TokenAuthority(cloud.tenantId, randomBytes(32));
const plane = resourceManagerPlane(cloud, authority);
await create("onboarding", {
  resourceGroupName: "rg",
  workspaceName: "log-one",
  sentinelOnboardingStateName: "default",
});
await create("savedSearch", {
  resourceGroupName: "rg",
  workspaceName: "log-one",
  savedSearchId: "gone",
  category: "test",
  displayName: "gone",
  query: "Doors_CL",
}).then((gone) => remove("savedSearch", gone));

interface Options {
  readonly as?: typeof cloud.operator;
  readonly audience?: string;
  readonly method?: string;
  readonly body?: object;
}

async function get(path: string, options: Options = {}) {
  const { as = cloud.operator, audience = "https://management.azure.com", method = "GET", body = null } = options;
  const { token } = authority.issue(as, audience);
  const url = `https://management.azure.com${path}`;
  const answer = await send(
    plane,
    new Request(url, { method, headers: { authorization: `Bearer ${token}` }, body: body && JSON.stringify(body) }),
  );
  const text = await answer.text();
  return { status: answer.status, body: (text ? JSON.parse(text) : {}) as Record<string, unknown> };
}

const workspace = known.workspace.id;

// REST reference, Resources - Get By Id: envelope beside properties
test("a resource is found by its id in any case, as ARM shows it", async () => {
  const found = await get(`${workspace.toUpperCase()}?api-version=2023-09-01`);
  expect(found).toMatchObject({
    status: 200,
    body: {
      id: workspace,
      name: "log-one",
      type: "Microsoft.OperationalInsights/workspaces",
      location: "westeurope",
      properties: {
        customerId: known.workspace.outputs["customerId"],
        sku: { name: "PerGB2018" },
        retentionInDays: 30,
      },
    },
  });
  expect((await get(`${known.account.id}?api-version=2024-01-01`)).body).toMatchObject({
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
  });
  const group = workspace.slice(0, workspace.indexOf("/providers/"));
  expect((await get(`${group}?api-version=2024-03-01`)).body).toMatchObject({ name: "rg", location: "westeurope" });
});

// REST reference, Tables - Get
test("a table shows its plan and its schema among its properties", async () => {
  expect((await get(`${known.table.id}?api-version=2023-09-01`)).body["properties"]).toMatchObject({
    plan: "Analytics",
    retentionInDaysAsDefault: true,
    schema: { name: "Doors_CL", tableSubType: "DataCollectionRuleBased", columns: [{ name: "TimeGenerated" }, {}] },
  });
});

test("a collection lists what it holds, and nothing that was deleted", async () => {
  const { value } = (await get(`${workspace}/savedSearches?api-version=2023-09-01`)).body as { value: object[] };
  expect(value).toEqual([
    expect.objectContaining({
      name: "DoorsLatest",
      properties: expect.objectContaining({ functionAlias: "DoorsLatest" }),
    }),
  ]);
  const states = `${workspace}/providers/Microsoft.SecurityInsights/onboardingStates`;
  expect((await get(`${states}?api-version=2024-09-01`)).body["value"]).toHaveLength(1);
  expect((await get(`${states}/default?api-version=2024-09-01`)).status).toBe(200);
});

test.each<[string, string, Parameters<typeof get>[1], number, string]>([
  ["what is not there", `${workspace}x?api-version=1`, {}, 404, "ResourceNotFound"],
  ["a collection of what is not there", `${workspace}x/tables?api-version=1`, {}, 404, "ResourceNotFound"],
  ["a group that is not there", `${workspace.replace("/rg/", "/rx/")}?api-version=1`, {}, 404, "ResourceGroupNotFound"],
  ["no api-version", workspace, {}, 400, "MissingApiVersionParameter"],
  [
    "another service's token",
    `${workspace}?api-version=1`,
    { audience: "https://vault.azure.net" },
    401,
    "InvalidAuthenticationTokenAudience",
  ],
  [
    "somebody without a role",
    `${workspace}?api-version=1`,
    { as: registerApplication(cloud, "stranger").principal },
    403,
    "AuthorizationFailed",
  ],
  ["a change", `${workspace}?api-version=1`, { method: "DELETE" }, 405, "MethodNotAllowed"],
])("%s is refused", async (_, path, options, status, code) => {
  expect(await get(path, options)).toMatchObject({ status, body: { error: { code } } });
});

// azure-guardrails-solution-accelerator pull request 797
test("a classic table is not changed by the tables API", async () => {
  const fresh = await subscription("group", "workspace", "table");
  const { id, inputs, outputs } = fresh.known.table;
  const schema = { ...(outputs["schema"] as object), tableSubType: "Classic" };
  fresh.cloud.state.set({ id, type: types.table, inputs, outputs: { ...outputs, schema } });
  await expect(fresh.update("table", fresh.known.table, inputs)).rejects.toThrow("Changing Classic table Doors_CL");
});

// REST reference, Saved Searches; azure-docs 49275: a PUT over what exists needs an etag
test("a saved search is written once, and deleted as often as one likes", async () => {
  const path = `${workspace}/savedSearches/mine?api-version=2023-09-01`;
  const properties = { category: "test", displayName: "mine", query: "Doors_CL" };
  const put = { method: "PUT", body: { properties } };
  expect(await get(path, put)).toMatchObject({ status: 200, body: { name: "mine", properties } });
  expect(await get(path)).toMatchObject({ status: 200, body: { properties } });
  expect(await get(path, put)).toMatchObject({ status: 409 });
  expect(await get(path, { method: "DELETE" })).toMatchObject({ status: 200 });
  expect(await get(path, { method: "DELETE" })).toMatchObject({ status: 200 });
  expect((await get(path)).status).toBe(404);
  expect((await get(path, { method: "PUT", body: { properties: { ...properties, query: " " } } })).status).toBe(400);
  const { principal: stranger } = registerApplication(cloud, "reader");
  expect((await get(path, { ...put, as: stranger })).status).toBe(403);
});
