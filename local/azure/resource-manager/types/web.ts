import { randomUUID } from "node:crypto";
import type { LocalCloud } from "../../cloud.ts";
import { defineType, echo, madeOnce, outputsBefore, stored } from "../define-type.ts";
import { canonical, idInGroup, nameOf } from "../resource-id.ts";
import { AzureError, type ResourceId } from "../resource-type.ts";
import { failIf, locationRules, mustMatch, normalLocation, refuse } from "../rules.ts";
import { findSubnet } from "./network.ts";
import { flexRules, flexSubnetRules } from "./web-flex.ts";

type PlanInputs = {
  resourceGroupName: string;
  name: string;
  location: string;
  kind?: string;
  reserved?: boolean;
  sku?: { name?: string; tier?: string };
};

const flex = { name: "FC1", tier: "FlexConsumption" };

export const appServicePlan = defineType<PlanInputs>({
  type: "azure-native:web:AppServicePlan",
  replaceOn: ["resourceGroupName", "name", "location", "reserved"],
  autoname: { property: "name", as: "random" },
  id: ({ resourceGroupName, name }, cloud) => idInGroup(cloud, resourceGroupName, `Microsoft.Web/serverfarms/${name}`),
  check: ({ name, location, reserved, sku }) => [
    // Naming rules and restrictions for Azure resources, Microsoft.Web
    ...mustMatch("name", name, /^[\p{L}\p{N}-]{1,60}$/u, "1 to 60 letters, digits and hyphens"),
    ...locationRules(location),
    // Azure Functions docs, flex-consumption-plan: Linux only
    ...failIf(
      (sku?.name === flex.name || sku?.tier === flex.tier) && reserved !== true,
      "reserved",
      "a Flex Consumption plan runs on Linux: reserved has to be true",
    ),
  ],
  put(id, inputs, cloud) {
    // Microsoft's azure-skills, consumption-to-flex: not in every cloud
    if (inputs.sku?.tier === flex.tier && !cloud.environment.web.flex)
      throw new AzureError(400, "BadRequest", `The sku ${flex.tier} is not available in ${inputs.location}.`);
    return Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName"]),
      location: normalLocation(inputs.location),
      sku: { ...inputs.sku, size: inputs.sku?.name, family: inputs.sku?.name?.replace(/\d+$/, "") },
      subscription: cloud.subscriptionId,
      resourceGroup: inputs.resourceGroupName,
      status: "Ready",
      provisioningState: "Succeeded",
    });
  },
  delete(id, cloud) {
    const used = cloud.state
      .list(webApp.type)
      .find((site) => canonical(String(site.inputs["serverFarmId"])) === canonical(id));
    if (!used) return Promise.resolve();
    throw new AzureError(
      409,
      "Conflict",
      `Server farm '${nameOf(id)}' cannot be deleted because it has web app(s) ${nameOf(used.id)} assigned to it.`,
    );
  },
});

export type FunctionAppConfig = {
  deployment?: {
    storage?: {
      type?: string;
      value?: string;
      authentication?: { type?: string; userAssignedIdentityResourceId?: string };
    };
  };
  runtime?: { name?: string; version?: string };
  scaleAndConcurrency?: { instanceMemoryMB?: number; maximumInstanceCount?: number };
};

export type WebAppInputs = {
  resourceGroupName: string;
  name: string;
  location: string;
  kind?: string;
  serverFarmId?: string;
  identity?: { type?: string; userAssignedIdentities?: string[] };
  siteConfig?: { appSettings?: { name: string; value: string }[]; linuxFxVersion?: string; alwaysOn?: boolean };
  functionAppConfig?: FunctionAppConfig;
  virtualNetworkSubnetId?: string;
};

export const webApp = defineType<WebAppInputs>({
  type: "azure-native:web:WebApp",
  replaceOn: ["resourceGroupName", "name", "location", "kind"],
  autoname: { property: "name", as: "random" },
  id: ({ resourceGroupName, name }, cloud) => idInGroup(cloud, resourceGroupName, `Microsoft.Web/sites/${name}`),
  check: ({ name, location, siteConfig }) => [
    // Naming rules and restrictions for Azure resources, Microsoft.Web: part of a host name
    ...mustMatch("name", name, /^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$/i, "2 to 60 letters, digits and hyphens"),
    ...locationRules(location),
    ...(siteConfig?.appSettings ?? []).flatMap((setting, index, all) =>
      failIf(
        all.findIndex((other) => other.name === setting.name) !== index,
        `siteConfig.appSettings[${index}].name`,
        `'${setting.name}' is there twice`,
      ),
    ),
  ],
  put(id, inputs, cloud) {
    requireFreeName(id, cloud);
    const plan = requirePlan(inputs, cloud);
    const identities = requireIdentities(inputs, cloud);
    if ((plan["sku"] as { tier?: string } | undefined)?.tier === flex.tier) requireFlex(id, inputs, cloud);
    const before = outputsBefore(id, cloud);
    const host = `${nameOf(id).toLowerCase()}.${cloud.environment.sites}`;
    const scmHost = `${nameOf(id).toLowerCase()}.scm.${cloud.environment.sites}`;
    // Azure answers a GET of the settings with none.
    const { appSettings: _, ...siteConfig } = inputs.siteConfig ?? {};
    return Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName"]),
      location: normalLocation(inputs.location),
      siteConfig,
      identity: inputs.identity && {
        type: inputs.identity.type,
        ...(identities.length > 0 && { userAssignedIdentities: Object.fromEntries(identities) }),
      },
      state: "Running",
      enabled: true,
      defaultHostName: host,
      hostNames: [host],
      enabledHostNames: [host, scmHost],
      hostNameSslStates: [
        { hostType: "Standard", name: host, sslState: "Disabled" },
        { hostType: "Repository", name: scmHost, sslState: "Disabled" },
      ],
      repositorySiteName: nameOf(id),
      resourceGroup: inputs.resourceGroupName,
      customDomainVerificationId: madeOnce(before, "customDomainVerificationId", () =>
        randomUUID().replaceAll("-", "").toUpperCase(),
      ),
      lastModifiedTimeUtc: new Date().toISOString(),
    });
  },
});

function requireFreeName(id: ResourceId, cloud: LocalCloud) {
  const other = cloud.state
    .list(webApp.type)
    .find((site) => canonical(nameOf(site.id)) === canonical(nameOf(id)) && canonical(site.id) !== canonical(id));
  if (other) throw new AzureError(409, "Conflict", `Website with given name ${nameOf(id)} already exists.`);
}

function requirePlan({ serverFarmId }: WebAppInputs, cloud: LocalCloud) {
  const plan = serverFarmId === undefined ? undefined : stored(serverFarmId, cloud);
  if (!plan) throw new AzureError(404, "NotFound", `Cannot find server farm with name '${serverFarmId ?? ""}'.`);
  return plan.outputs;
}

/** The user-assigned identities as Azure returns them: a map by resource id. */
function requireIdentities({ identity }: WebAppInputs, cloud: LocalCloud) {
  return (identity?.userAssignedIdentities ?? []).map((id) => {
    const found = stored(id, cloud)?.outputs;
    if (!found) throw new AzureError(404, "ResourceNotFound", `The identity '${id}' was not found.`);
    return [id, { clientId: found["clientId"], principalId: found["principalId"] }] as const;
  });
}

function requireFlex(id: ResourceId, inputs: WebAppInputs, cloud: LocalCloud) {
  refuse("BadRequest", flexRules(inputs));
  if (inputs.virtualNetworkSubnetId !== undefined) {
    refuse("BadRequest", flexSubnetRules(inputs, findSubnet(inputs.virtualNetworkSubnetId, cloud)));
  }
  // Azure Functions docs, functions-scale: one app per Flex Consumption plan
  const other = cloud.state
    .list(webApp.type)
    .find(
      (site) =>
        canonical(site.id) !== canonical(id) &&
        canonical(String(site.inputs["serverFarmId"])) === canonical(inputs.serverFarmId ?? ""),
    );
  if (!other) return;
  throw new AzureError(
    409,
    "Conflict",
    `A Flex Consumption plan holds one app, and this one holds ${nameOf(other.id)}.`,
  );
}
