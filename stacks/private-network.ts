import { type Cloud, cloudFacts } from "../components/cloud.ts";
import { type PrivateNetwork, type PrivateService, privateServices } from "../components/connector-scope.ts";
import { isMonitorScopeId } from "../components/network.ts";
import type { Pusher } from "../components/push.ts";
import { Fields } from "./fields.ts";

/** What the names of the private DNS zones begin with, in every cloud. */
const zones: Readonly<Record<PrivateService, string>> = {
  vault: "privatelink.vaultcore.",
  blob: "privatelink.blob.",
  queue: "privatelink.queue.",
  table: "privatelink.table.",
  sites: "privatelink.azurewebsites.",
};

const subnetRule =
  "/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Network/virtualNetworks/<network>/subnets/<name>";
const monitorScopeRule =
  "/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Insights/privateLinkScopes/<name>";

/**
 * Reads `network`, and `privateNetwork` where it is `private`; what is wrong is added to the problems.
 * @param pushers who delivers from outside, which a private network does not let in
 */
export function parseNetwork(config: Fields, pushers: readonly Pusher[], cloud: Cloud): PrivateNetwork | undefined {
  const isPrivate = config.oneOf("network", ["public", "private"]) === "private";
  const given =
    config.object("privateNetwork", "an object with workerSubnetId, endpointSubnetId, monitorScopeId, …") ?? {};
  if (!isPrivate) {
    if (Object.keys(given).length > 0) config.refuse("privateNetwork", "nothing, unless network is private");
    return undefined;
  }
  if (cloudFacts[cloud].hosting !== "flex")
    config.refuse("network", `public in the cloud ${cloud}, where the worker has no Flex Consumption plan`);
  if (pushers.length > 0) {
    const names = pushers.map(({ name }) => name).join(", ");
    config.refuse("network", `public, since ${names} (mode: push) delivers from outside the network; or pull instead`);
  }
  const fields = new Fields(given, "privateNetwork", config.problems);
  const network: PrivateNetwork = {
    // Azure takes no underscore in the name of a subnet that a Flex Consumption app joins.
    workerSubnetId: required(
      fields,
      "workerSubnetId",
      `${subnetRule}, no _ in its name`,
      (text) => isSubnetId(text) && !/_[^/]*$/.test(text),
    ),
    endpointSubnetId: required(fields, "endpointSubnetId", `${subnetRule}, another one than the worker's`, isSubnetId),
    monitorScopeId: required(fields, "monitorScopeId", monitorScopeRule, isMonitorScopeId),
    dnsZoneIds: parseZones(fields),
    natGateway: fields.boolean("natGateway") ?? false,
  };
  if (
    network.endpointSubnetId !== "" &&
    network.endpointSubnetId.toLowerCase() === network.workerSubnetId.toLowerCase()
  ) {
    fields.refuse("endpointSubnetId", "another subnet than the worker's, which Azure lets nothing else into");
  }
  fields.refuseUnknown();
  return Object.freeze(network);
}

function required(fields: Fields, key: string, rule: string, accepts: (text: string) => boolean): string {
  if (!fields.has(key)) fields.refuse(key, rule);
  return fields.text(key, rule, accepts) ?? "";
}

function parseZones(network: Fields): PrivateNetwork["dnsZoneIds"] {
  const given = network.object("dnsZoneIds", `an object of resource ids: ${privateServices.join(", ")}`);
  if (!given) return undefined;
  const fields = new Fields(given, network.path("dnsZoneIds"), network.problems);
  const ids = privateServices.map((service) => {
    const rule = `/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Network/privateDnsZones/${zones[service]}…`;
    return [service, required(fields, service, rule, (text) => isZoneId(text, zones[service]))] as const;
  });
  fields.refuseUnknown();
  return Object.freeze(Object.fromEntries(ids) as Record<PrivateService, string>);
}

const inNetworking = "^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\\.Network/";

const isSubnetId = (text: string) => new RegExp(`${inNetworking}virtualNetworks/[^/]+/subnets/[^/]+$`, "i").test(text);

const isZoneId = (text: string, zone: string) =>
  new RegExp(`${inNetworking}privateDnsZones/${zone.replaceAll(".", "\\.")}[^/]+$`, "i").test(text);
