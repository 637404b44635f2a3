import { expect, test } from "vitest";
import { appOn, resourceGroupName, subscription } from "./subscription.ts";

const place = { resourceGroupName, location: "westeurope" };

/** An app in the subnet `worker` of its network, a vault and an endpoint for rows that are closed to all others. */
async function closed() {
  const made = await subscription("group", "workspace", "identity", "plan");
  const { create, inputsOf, cloud, known } = made;
  const networkOf = (name: string) =>
    create("virtualNetwork", {
      ...place,
      virtualNetworkName: name,
      addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
      subnets: [
        { name: "worker", delegations: [{ name: "flex", serviceName: "Microsoft.App/environments" }] },
        { name: "endpoints" },
      ],
    });
  const network = await networkOf("vnet");
  const elsewhere = await networkOf("vnet-elsewhere");
  const vaultInputs = inputsOf("vault");
  const vault = await create("vault", {
    ...vaultInputs,
    properties: { ...(vaultInputs["properties"] as object), publicNetworkAccess: "Disabled" },
  });
  const endpoint = await create("endpoint", {
    ...inputsOf("endpoint"),
    networkAcls: { publicNetworkAccess: "Disabled" },
  });
  await create("app", {
    ...appOn(known.plan.id),
    identity: { type: "UserAssigned", userAssignedIdentities: [known.identity.id] },
    virtualNetworkSubnetId: `${network.id}/subnets/worker`,
  });
  const worker = cloud.deployed.principal(String(known.identity.outputs["clientId"]));
  if (!worker) throw new Error("The identity is not there.");
  const connect = (target: string, part: string, into: { id: string }) =>
    create("privateEndpoint", {
      ...place,
      privateEndpointName: `pep-${part}`,
      subnet: { id: `${into.id}/subnets/endpoints` },
      privateLinkServiceConnections: [{ name: part, privateLinkServiceId: target, groupIds: [part] }],
    });
  return { ...made, network, elsewhere, vault, endpoint, worker, connect };
}

// Azure docs, private-link/private-endpoint-overview
test("a closed vault is reached through an endpoint in the app's own network, and no other", async () => {
  const { cloud, vault, worker, connect, elsewhere, network, remove } = await closed();
  const reached = () => cloud.deployed.reaches(worker, vault.id, "vault");
  expect(reached()).toBe(false);
  const wrong = await connect(vault.id, "vault", elsewhere);
  expect(reached()).toBe(false);
  await remove("privateEndpoint", wrong);
  await connect(vault.id, "vault", network);
  expect(reached()).toBe(true);
});

test("an endpoint to one service of an account leads to no other", async () => {
  const { cloud, worker, connect, network, create, inputsOf } = await closed();
  const account = await create("account", { ...inputsOf("account"), publicNetworkAccess: "Disabled" });
  await connect(account.id, "blob", network);
  expect(cloud.deployed.reaches(worker, account.id, "blob")).toBe(true);
  expect(cloud.deployed.reaches(worker, account.id, "table")).toBe(false);
});

// Azure Monitor docs, private-link-configure
test("a closed endpoint for rows is reached through a private link scope that holds it", async () => {
  const { cloud, endpoint, worker, create } = await closed();
  const reached = () => cloud.deployed.reaches(worker, endpoint.id, "azuremonitor");
  expect(reached()).toBe(false);
  await create("monitorScope", { resourceGroupName, location: "Global", scopeName: "ampls" });
  await create("monitorScopeMember", {
    resourceGroupName,
    scopeName: "ampls",
    name: "one",
    linkedResourceId: endpoint.id,
  });
  expect(reached()).toBe(true);
});

test("the operator sits in every network, and what is open is open to all", async () => {
  const { cloud, vault, worker, create, inputsOf } = await closed();
  expect(cloud.deployed.reaches(cloud.operator, vault.id, "vault")).toBe(true);
  const account = await create("account", inputsOf("account"));
  expect(cloud.deployed.reaches(worker, account.id, "blob")).toBe(true);
});
