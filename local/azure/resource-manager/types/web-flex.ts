import { type Failure, failIf, mustBeOneOf, mustMatch, normalLocation } from "../rules.ts";
import type { findSubnet } from "./network.ts";
import type { WebAppInputs } from "./web.ts";

/** Microsoft's azure-skills, consumption-to-flex: settings that a Flex Consumption app must not have. */
const forbiddenSettings =
  /^(FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_WORKER_RUNTIME_VERSION|FUNCTIONS_EXTENSION_VERSION|WEBSITE_RUN_FROM_PACKAGE|SCM_DO_BUILD_DURING_DEPLOYMENT|ENABLE_ORYX_BUILD|WEBSITE_CONTENT.*|WEBSITE_NODE_DEFAULT_VERSION|WEBSITE_TIME_ZONE)$/i;

/** What App Service refuses in an app on a Flex Consumption plan. Source: functions-infrastructure-as-code, flex-consumption-plan. */
export function flexRules({ kind, siteConfig, functionAppConfig }: WebAppInputs): Failure[] {
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

/** Azure Functions docs, flex-consumption-plan, "Virtual network integration" and flex-consumption-how-to. */
export function flexSubnetRules({ location }: WebAppInputs, subnet: ReturnType<typeof findSubnet>): Failure[] {
  const property = "Site.VirtualNetworkSubnetId";
  return [
    ...failIf(
      !subnet.delegations.includes("Microsoft.App/environments"),
      property,
      `the subnet ${subnet.name} has to be delegated to Microsoft.App/environments`,
    ),
    ...failIf(subnet.name.includes("_"), property, `the subnet's name '${subnet.name}' must not have underscores`),
    ...failIf(
      subnet.location !== normalLocation(location),
      property,
      `the app is in ${location}, and the subnet in ${subnet.location}: they have to be in the same region`,
    ),
  ];
}
