import { randomUUID } from "node:crypto";
import type { LocalCloud } from "../../cloud.ts";
import { defineType, echo, outputsBefore, stored } from "../define-type.ts";
import { canonical, idInGroup, nameOf } from "../resource-id.ts";
import { AzureError, type ResourceId } from "../resource-type.ts";
import { type Failure, failIf, locationRules, mustBeOneOf, mustMatch, normalLocation } from "../rules.ts";

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
  put: (id, inputs, cloud) =>
    Promise.resolve({
      ...echo(id, inputs, ["resourceGroupName"]),
      location: normalLocation(inputs.location),
      sku: { ...inputs.sku, size: inputs.sku?.name, family: inputs.sku?.name?.replace(/\d+$/, "") },
      subscription: cloud.subscriptionId,
      resourceGroup: inputs.resourceGroupName,
      status: "Ready",
      provisioningState: "Succeeded",
    }),
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

type FunctionAppConfig = {
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

type WebAppInputs = {
  resourceGroupName: string;
  name: string;
  location: string;
  kind?: string;
  serverFarmId?: string;
  identity?: { type?: string; userAssignedIdentities?: string[] };
  siteConfig?: { appSettings?: { name: string; value: string }[]; linuxFxVersion?: string; alwaysOn?: boolean };
  functionAppConfig?: FunctionAppConfig;
};

/** Microsoft's azure-skills, consumption-to-flex: settings that a Flex Consumption app must not have. */
const forbiddenSettings =
  /^(FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_WORKER_RUNTIME_VERSION|FUNCTIONS_EXTENSION_VERSION|WEBSITE_RUN_FROM_PACKAGE|SCM_DO_BUILD_DURING_DEPLOYMENT|ENABLE_ORYX_BUILD|WEBSITE_CONTENT.*|WEBSITE_NODE_DEFAULT_VERSION|WEBSITE_TIME_ZONE)$/i;

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
    const host = `${nameOf(id).toLowerCase()}.azurewebsites.net`;
    const scmHost = `${nameOf(id).toLowerCase()}.scm.azurewebsites.net`;
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
      customDomainVerificationId:
        before["customDomainVerificationId"] ?? randomUUID().replaceAll("-", "").toUpperCase(),
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
  const failures = flexRules(inputs);
  const [first] = failures;
  if (first)
    throw new AzureError(
      400,
      "BadRequest",
      failures.map(({ property, reason }) => `${property}: ${reason}`).join("; "),
    );
  // Azure Functions docs, functions-scale: one app per Flex Consumption plan
  const other = cloud.state
    .list(webApp.type)
    .find(
      (site) =>
        canonical(site.id) !== canonical(id) &&
        canonical(String(site.inputs["serverFarmId"])) === canonical(inputs.serverFarmId ?? ""),
    );
  if (other) {
    throw new AzureError(
      409,
      "Conflict",
      `A Flex Consumption plan holds one app, and this one holds ${nameOf(other.id)}.`,
    );
  }
}

/** Azure Functions docs, functions-infrastructure-as-code and flex-consumption-plan. */
function flexRules({ kind, siteConfig, functionAppConfig }: WebAppInputs): Failure[] {
  const config = functionAppConfig;
  const storage = config?.deployment?.storage;
  return [
    ...mustMatch("kind", kind, /^functionapp,linux$/, "a Flex Consumption app is of kind functionapp,linux"),
    ...failIf(
      config === undefined,
      "Site.FunctionAppConfig",
      "the FunctionAppConfig section was not specified in the request, which is required for Flex Consumption sites",
    ),
    ...(siteConfig?.appSettings ?? []).flatMap(({ name }) =>
      failIf(
        forbiddenSettings.test(name),
        `Site.SiteConfig.AppSettings.${name}`,
        "the app setting is invalid for Flex Consumption sites: remove or rename it",
      ),
    ),
    ...failIf(
      siteConfig?.linuxFxVersion !== undefined,
      "Site.SiteConfig.LinuxFxVersion",
      "invalid for Flex Consumption sites: the runtime is set in FunctionAppConfig",
    ),
    ...failIf(siteConfig?.alwaysOn === true, "Site.SiteConfig.AlwaysOn", "invalid for Flex Consumption sites"),
    ...failIf(
      config !== undefined && (storage?.type !== "blobContainer" || !storage.value || !storage.authentication?.type),
      "Site.FunctionAppConfig.Deployment.Storage",
      "type blobContainer, the container's URL and an authentication are required",
    ),
    ...failIf(
      storage?.authentication?.type === "UserAssignedIdentity" &&
        !storage.authentication.userAssignedIdentityResourceId,
      "Site.FunctionAppConfig.Deployment.Storage.Authentication.UserAssignedIdentityResourceId",
      "required for a user-assigned identity",
    ),
    ...failIf(
      config !== undefined && (!config.runtime?.name || !config.runtime.version),
      "Site.FunctionAppConfig.Runtime",
      "name and version are required",
    ),
    ...(config?.runtime?.name === "node"
      ? mustBeOneOf("Site.FunctionAppConfig.Runtime.Version", config.runtime.version, ["22", "24"])
      : []),
    ...mustBeOneOf(
      "Site.FunctionAppConfig.ScaleAndConcurrency.InstanceMemoryMB",
      config?.scaleAndConcurrency?.instanceMemoryMB,
      [512, 2048, 4096],
    ),
    ...failIf(
      !isInstanceCount(config?.scaleAndConcurrency?.maximumInstanceCount),
      "Site.FunctionAppConfig.ScaleAndConcurrency.MaximumInstanceCount",
      `${config?.scaleAndConcurrency?.maximumInstanceCount} is not valid: 1 to 1000`,
    ),
  ];
}

const isInstanceCount = (value: number | undefined) =>
  value === undefined || (Number.isInteger(value) && value >= 1 && value <= 1000);
