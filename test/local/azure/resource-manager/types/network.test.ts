import { describe, expect, test } from "vitest";
import { appOn, refusal, resourceGroupName, subscription } from "../subscription.ts";

const place = { resourceGroupName, location: "westeurope" };
const network = {
  ...place,
  virtualNetworkName: "vnet",
  addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
  subnets: [
    { name: "worker", delegations: [{ name: "flex", serviceName: "Microsoft.App/environments" }] },
    { name: "snet_worker", delegations: [{ name: "flex", serviceName: "Microsoft.App/environments" }] },
    { name: "web", delegations: [{ name: "web", serviceName: "Microsoft.Web/serverFarms" }] },
    { name: "endpoints" },
  ],
};

async function withNetwork(location = "westeurope") {
  const made = await subscription("group", "vault", "account", "plan", "workspace", "endpoint");
  const { id } = await made.create("virtualNetwork", { ...network, location });
  return { ...made, subnet: (name: string) => `${id}/subnets/${name}` };
}

const leadingTo = (target: string, group: string, subnetId: string) => ({
  ...place,
  privateEndpointName: "pep",
  subnet: { id: subnetId },
  privateLinkServiceConnections: [{ name: group, privateLinkServiceId: target, groupIds: [group] }],
});

describe("a private endpoint", () => {
  test.each(["blob", "queue", "table"])("leads to the %s service of a storage account", async (group) => {
    const { create, known, subnet } = await withNetwork();
    const { outputs } = await create("privateEndpoint", leadingTo(known.account.id, group, subnet("endpoints")));
    expect(outputs["privateLinkServiceConnections"]).toMatchObject([
      { groupIds: [group], privateLinkServiceConnectionState: { status: "Approved" } },
    ]);
  });

  // Azure docs, private-link/private-endpoint-overview
  test.each([
    [
      "a part that the resource does not have",
      "vault",
      "blob",
      "endpoints",
      "InvalidPrivateLinkServiceConnectionGroupId",
      /'blob' is no sub-resource.*vault/,
    ],
    [
      "a subnet that is delegated",
      "vault",
      "vault",
      "worker",
      "PrivateEndpointCreationNotAllowedAsSubnetIsDelegated",
      /is delegated/,
    ],
    ["a subnet that there is not", "vault", "vault", "elsewhere", "InvalidResourceReference", /was not found/],
  ] as const)("is refused with %s", async (_, target, group, subnetName, code, message) => {
    const { create, known, subnet } = await withNetwork();
    await expect(create("privateEndpoint", leadingTo(known[target].id, group, subnet(subnetName)))).rejects.toEqual(
      refusal(400, code, message),
    );
  });

  test("is refused in another region than its subnet", async () => {
    const { create, known, subnet } = await withNetwork("northeurope");
    await expect(create("privateEndpoint", leadingTo(known.vault.id, "vault", subnet("endpoints")))).rejects.toEqual(
      refusal(400, "InvalidResourceReference", /same region/),
    );
  });

  test("is refused to a resource that there is not", async () => {
    const { create, known, subnet } = await withNetwork();
    await expect(
      create("privateEndpoint", leadingTo(`${known.vault.id}2`, "vault", subnet("endpoints"))),
    ).rejects.toEqual(refusal(404, "ResourceNotFound", "kv-one2"));
  });

  // Azure docs, private-link/private-endpoint-dns-integration
  test("is entered in one group of DNS zones, which exist", async () => {
    const { create, known, subnet } = await withNetwork();
    await create("privateEndpoint", leadingTo(known.vault.id, "vault", subnet("endpoints")));
    const zone = await create("privateZone", {
      resourceGroupName,
      location: "Global",
      privateZoneName: "privatelink.vaultcore.azure.net",
    });
    const group = (name: string, privateDnsZoneId: string) => ({
      resourceGroupName,
      privateEndpointName: "pep",
      privateDnsZoneGroupName: name,
      privateDnsZoneConfigs: [{ name: "vault", privateDnsZoneId }],
    });
    await expect(create("zoneGroup", group("default", `${zone.id}2`))).rejects.toEqual(refusal(404, "NotFound", "2'"));
    await create("zoneGroup", group("default", zone.id));
    await expect(create("zoneGroup", group("second", zone.id))).rejects.toEqual(
      refusal(400, "MoreThanOnePrivateDnsZoneGroupPerPrivateEndpointNotAllowed", "default"),
    );
  });
});

describe("an app on Flex Consumption", () => {
  test("joins a subnet that is delegated to it", async () => {
    const { create, known, subnet } = await withNetwork();
    const { outputs } = await create("app", { ...appOn(known.plan.id), virtualNetworkSubnetId: subnet("worker") });
    expect(outputs["virtualNetworkSubnetId"]).toBe(subnet("worker"));
  });

  // Azure Functions docs, flex-consumption-plan and flex-consumption-how-to
  test.each([
    ["that is not delegated", "endpoints", /delegated to Microsoft\.App\/environments/],
    ["that is delegated to the other plans", "web", /delegated to Microsoft\.App\/environments/],
    ["with an underscore in its name", "snet_worker", /underscores/],
  ])("joins no subnet %s", async (_, name, message) => {
    const { create, known, subnet } = await withNetwork();
    const app = { ...appOn(known.plan.id), virtualNetworkSubnetId: subnet(name) };
    await expect(create("app", app)).rejects.toEqual(refusal(400, "BadRequest", message));
  });

  test("joins no subnet of another region", async () => {
    const { create, known, subnet } = await withNetwork("northeurope");
    const app = { ...appOn(known.plan.id), virtualNetworkSubnetId: subnet("worker") };
    await expect(create("app", app)).rejects.toEqual(refusal(400, "BadRequest", /same region/));
  });
});

describe("a NAT gateway", () => {
  const address = {
    ...place,
    publicIpAddressName: "pip",
    sku: { name: "Standard" },
    publicIPAllocationMethod: "Static",
  };
  const gatewayWith = (id: string) => ({
    ...place,
    natGatewayName: "ng",
    sku: { name: "Standard" },
    publicIpAddresses: [{ id }],
  });

  test("has an address that stays, and that stays there as long as it has it", async () => {
    const { create, update, remove, known: _, ...rest } = await withNetwork();
    const made = await create("publicAddress", address);
    const gateway = await create("natGateway", gatewayWith(made.id));
    const again = await update("publicAddress", made, { ...made.inputs, tags: { owner: "soc" } });
    expect(again.outputs["ipAddress"]).toBe(made.outputs["ipAddress"]);
    await expect(remove("publicAddress", made)).rejects.toEqual(
      refusal(400, "PublicIPAddressCannotBeDeleted", gateway.id),
    );
    await remove("natGateway", gateway);
    await remove("publicAddress", made);
    expect(rest.cloud.state.get(made.id)).toBeUndefined();
  });

  test.each([
    // Azure docs, ip-services/public-ip-basic-upgrade-guidance
    ["of the Basic kind", { sku: { name: "Basic" } }, "'Basic' is not valid"],
    // Azure docs, ip-services/public-ip-addresses
    ["that changes", { publicIPAllocationMethod: "Dynamic" }, "'Dynamic' is not valid"],
  ])("takes no address %s", async (_, change, message) => {
    const { create } = await withNetwork();
    await expect(create("publicAddress", { ...address, ...change })).rejects.toEqual(
      refusal(400, "InvalidRequestContent", message),
    );
  });

  test("takes no address that there is not", async () => {
    const { create } = await withNetwork();
    await expect(create("natGateway", gatewayWith("/subscriptions/s/x"))).rejects.toEqual(
      refusal(400, "InvalidResourceReference", "was not found"),
    );
  });
});

describe("a private link scope", () => {
  const scope = { resourceGroupName, location: "Global", scopeName: "ampls" };
  const member = (linkedResourceId: string, name = "one") => ({
    resourceGroupName,
    scopeName: "ampls",
    name,
    linkedResourceId,
  });

  test("holds an endpoint, which cannot be deleted while it does", async () => {
    const { create, remove, known } = await withNetwork();
    await create("monitorScope", scope);
    const link = await create("monitorScopeMember", member(known.endpoint.id));
    // Azure Monitor docs, private-link-configure
    await expect(remove("endpoint", known.endpoint)).rejects.toEqual(refusal(409, "Conflict", link.id));
    await remove("monitorScopeMember", link);
    await remove("endpoint", known.endpoint);
  });

  // Azure Monitor docs, private-link-configure
  test("holds nothing but workspaces, components and endpoints", async () => {
    const { create, known } = await withNetwork();
    await create("monitorScope", scope);
    await expect(create("monitorScopeMember", member(known.vault.id))).rejects.toEqual(
      refusal(400, "InvalidRequestContent", "no workspace"),
    );
  });

  test("has to be there", async () => {
    const { create, known } = await withNetwork();
    await expect(create("monitorScopeMember", member(known.workspace.id))).rejects.toEqual(
      refusal(404, "ParentResourceNotFound", "ampls"),
    );
  });

  test("is open or private, nothing else", async () => {
    const { create } = await withNetwork();
    const accessModeSettings = { ingestionAccessMode: "Closed", queryAccessMode: "Open" };
    await expect(create("monitorScope", { ...scope, accessModeSettings })).rejects.toEqual(
      refusal(400, "InvalidRequestContent", "'Closed' is not valid"),
    );
  });
});
