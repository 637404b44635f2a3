import { describe, expect, test } from "vitest";
import { emea, problemsOf, settings } from "./sample-settings.ts";

const subscription = "/subscriptions/aaaaaaaa-0000-0000-0000-000000000000/resourceGroups/rg-hub/providers";
const subnet = (name: string) => `${subscription}/Microsoft.Network/virtualNetworks/vnet/subnets/${name}`;
const zone = (name: string) => `${subscription}/Microsoft.Network/privateDnsZones/privatelink.${name}`;
const zones = {
  vault: zone("vaultcore.azure.net"),
  blob: zone("blob.core.windows.net"),
  queue: zone("queue.core.windows.net"),
  table: zone("table.core.windows.net"),
  sites: zone("azurewebsites.net"),
};
const whole = {
  workerSubnetId: subnet("worker"),
  endpointSubnetId: subnet("endpoints"),
  monitorScopeId: `${subscription}/Microsoft.Insights/privateLinkScopes/ampls`,
  dnsZoneIds: zones,
  natGateway: true,
};
const withNetwork = (privateNetwork: object, more: Record<string, unknown> = {}) =>
  settings({ network: "private", privateNetwork: JSON.stringify(privateNetwork), ...more });

test("a private network is read as it is given", () => {
  expect(withNetwork(whole).network).toEqual(whole);
});

test("DNS and NAT may be somebody else's", () => {
  const { dnsZoneIds: _, natGateway: __, ...less } = whole;
  expect(withNetwork(less).network).toEqual({ ...less, dnsZoneIds: undefined, natGateway: false });
});

describe("what is wrong is named", () => {
  test.each<[string, () => unknown, string, RegExp]>([
    ["neither public nor private", () => settings({ network: "closed" }), "network", /public, private/],
    [
      "a network that nothing is put into",
      () => settings({ privateNetwork: JSON.stringify(whole) }),
      "privateNetwork",
      /unless network is private/,
    ],
    [
      "a network by its name",
      () => withNetwork({ ...whole, workerSubnetId: "vnet/worker" }),
      "privateNetwork.workerSubnetId",
      /\/subnets\/<name>/,
    ],
    [
      "a subnet that Flex Consumption cannot join",
      () => withNetwork({ ...whole, workerSubnetId: subnet("snet_worker") }),
      "privateNetwork.workerSubnetId",
      /no _ in its name/,
    ],
    [
      "one subnet for all",
      () => withNetwork({ ...whole, endpointSubnetId: subnet("WORKER") }),
      "privateNetwork.endpointSubnetId",
      /another subnet/,
    ],
    [
      "no private link scope",
      () => withNetwork({ ...whole, monitorScopeId: undefined }),
      "privateNetwork.monitorScopeId",
      /privateLinkScopes/,
    ],
    [
      "zones that changed places",
      () => withNetwork({ ...whole, dnsZoneIds: { ...zones, blob: zones.queue } }),
      "privateNetwork.dnsZoneIds.blob",
      /privatelink\.blob\./,
    ],
    [
      "a zone too few",
      () => withNetwork({ ...whole, dnsZoneIds: { ...zones, sites: undefined } }),
      "privateNetwork.dnsZoneIds.sites",
      /privatelink\.azurewebsites\./,
    ],
    [
      "a field that there is not",
      () => withNetwork({ ...whole, subnetId: subnet("worker") }),
      "privateNetwork.subnetId",
      /workerSubnetId/,
    ],
    [
      "somebody who delivers from outside",
      () =>
        withNetwork(whole, {
          connections: JSON.stringify([
            emea,
            {
              name: "saas",
              vendor: "valence",
              mode: "push",
              pushPrincipalId: "22222222-2222-2222-2222-222222222222",
            },
          ]),
        }),
      "network",
      /saas \(mode: push\)/,
    ],
  ])("%s", (_, read, setting, allowed) => {
    expect(problemsOf(read)).toEqual([
      expect.objectContaining({ setting, allowed: expect.stringMatching(allowed) as string }),
    ]);
  });
});
