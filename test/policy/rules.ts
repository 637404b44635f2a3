import { at, isOneOf, type Resource, type Rule, unless } from "./resource.ts";

/** Types without tags, in the sense of Azure: parts of other resources, and what extends them. */
const untaggable =
  /^azure-native:(securityinsights:|authorization:|operationalinsights:(Table|SavedSearch)$|storage:(BlobContainer|Queue|Table)$|monitor:(DiagnosticSetting|PrivateLinkScopedResource)$|network:PrivateDnsZoneGroup$)/;

/** Whose a resource is, and which stack has made it, can be read off it. */
export const requiredTags: Rule = (resource) => {
  if (!resource.type.startsWith("azure-native:") || untaggable.test(resource.type)) return [];
  return ["application", "stack"].flatMap((tag) =>
    unless(Boolean(at(resource, `tags.${tag}`)), `the tag ${tag} is missing`),
  );
};

export const tls12: Rule = (resource) => {
  if (isOneOf(resource, "storage:StorageAccount")) {
    const least = at(resource, "minimumTlsVersion");
    return [
      ...unless(least === "TLS1_2" || least === "TLS1_3", "minimumTlsVersion has to be TLS1_2 or TLS1_3"),
      ...unless(at(resource, "enableHttpsTrafficOnly") === true, "enableHttpsTrafficOnly has to be true"),
    ];
  }
  if (isOneOf(resource, "web:WebApp")) {
    const least = at(resource, "siteConfig.minTlsVersion");
    return [
      ...unless(least === "1.2" || least === "1.3", "siteConfig.minTlsVersion has to be 1.2 or 1.3"),
      ...unless(at(resource, "httpsOnly") === true, "httpsOnly has to be true"),
    ];
  }
  return [];
};

/** Whoever holds a key is nobody in the logs, and keeps it when he goes. */
export const noSharedKeys: Rule = (resource) => {
  if (isOneOf(resource, "storage:StorageAccount")) {
    return unless(at(resource, "allowSharedKeyAccess") === false, "allowSharedKeyAccess has to be false");
  }
  if (isOneOf(resource, "applicationinsights:Component")) {
    return unless(at(resource, "disableLocalAuth") === true, "disableLocalAuth has to be true");
  }
  if (isOneOf(resource, "operationalinsights:Workspace")) {
    return unless(at(resource, "features.disableLocalAuth") === true, "features.disableLocalAuth has to be true");
  }
  if (isOneOf(resource, "keyvault:Vault")) {
    const byRoles = at(resource, "properties.enableRbacAuthorization") === true;
    return unless(byRoles, "properties.enableRbacAuthorization has to be true");
  }
  return [];
};

export const noPublicBlobs: Rule = (resource) => {
  if (isOneOf(resource, "storage:StorageAccount")) {
    return unless(at(resource, "allowBlobPublicAccess") === false, "allowBlobPublicAccess has to be false");
  }
  if (isOneOf(resource, "storage:BlobContainer")) {
    return unless([undefined, "None"].includes(at(resource, "publicAccess") as string), "publicAccess has to be None");
  }
  return [];
};

const secretName = /(TOKEN|PASSWORD|SECRET|API_?KEY|ACCOUNT_?KEY)$/i;
const secretValue = /AccountKey=|SharedAccessKey=|SharedAccessSignature|[?&]sig=|\beyJ[\w-]{10,}\.|-----BEGIN /;

/** Settings are shown in the portal and in every export: tokens are read from the vault. The value is never part of the message. */
export const noSecretInAppSettings: Rule = (resource) => {
  if (!isOneOf(resource, "web:WebApp")) return [];
  const settings = at(resource, "siteConfig.appSettings") ?? [];
  return (settings as { name: string; value: unknown }[]).flatMap(({ name, value }) =>
    unless(
      typeof value === "string" && !secretName.test(name) && !secretValue.test(value),
      `the app setting ${name} looks like a secret`,
    ),
  );
};

/** Roles that a stack may give to whom its settings name, all of data planes. */
const operatorRoles: Readonly<Record<string, string>> = {
  "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
  "76199698-9eea-4c19-bc75-cec21354c6b6": "Storage Table Data Reader",
  "19e7f393-937e-4f77-808e-94535e297925": "Storage Queue Data Reader",
  "73c42c96-874c-492b-b04d-ab87d138a893": "Log Analytics Reader",
};

/** And those that it may give to service principals besides. */
const allowedRoles: Readonly<Record<string, string>> = {
  "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
  "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
  "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
  "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
  ...operatorRoles,
};

export const rolesFromList: Rule = (resource) => {
  if (!isOneOf(resource, "authorization:RoleAssignment")) return [];
  const role = String(at(resource, "roleDefinitionId")).split("/").at(-1)?.toLowerCase() ?? "";
  return [
    ...unless(role in allowedRoles, `the role ${role} is none of ${Object.values(allowedRoles).join(", ")}`),
    ...unless(
      at(resource, "principalType") === "ServicePrincipal" || role in operatorRoles,
      "people are given the roles of operators only",
    ),
  ];
};

/** On one resource each: never on a subscription, nor on a resource group that may hold more tomorrow. */
export const rolesOnOneResource: Rule = (resource) => {
  if (!isOneOf(resource, "authorization:RoleAssignment")) return [];
  const scope = String(at(resource, "scope"));
  return unless(
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/[^/]+\/./i.test(scope),
    `${scope} is no single resource`,
  );
};

export const retentionBounds: Rule = (resource) => {
  const isTable = isOneOf(resource, "operationalinsights:Table");
  if (!isTable && !isOneOf(resource, "operationalinsights:Workspace")) return [];
  // Azure fixes the queryable days of a Basic table.
  const days = at(resource, "plan") === "Basic" ? 30 : at(resource, "retentionInDays");
  const total = isTable ? at(resource, "totalRetentionInDays") : days;
  return [
    ...unless(isWithin(days, 30, 730), `retentionInDays is ${String(days)}, and has to be 30 to 730`),
    ...unless(
      isWithin(total, Number(days), 4383),
      `totalRetentionInDays is ${String(total)}, and has to be retentionInDays to 4383`,
    ),
  ];
};

const isWithin = (value: unknown, least: number, most: number) =>
  typeof value === "number" && value >= least && value <= most;

/** A vault of production that is deleted can be had back for as long as Azure keeps it, by nobody's choice to purge it. */
export const purgeProtection: Rule = (resource) => {
  const isProduction = /^prod/i.test(String(at(resource, "tags.stack"))) || at(resource, "tags.environment") === "prod";
  if (!isOneOf(resource, "keyvault:Vault") || !isProduction) return [];
  return unless(
    at(resource, "properties.enablePurgeProtection") === true,
    "properties.enablePurgeProtection has to be true",
  );
};

/** What a rule could not store is told nowhere but in its error log. By dependency, since a preview knows no ids. */
export function rulesTellErrors(resources: readonly Resource[]): ReadonlyMap<string, string> {
  const settings = resources.filter((resource) => isOneOf(resource, "monitor:DiagnosticSetting"));
  const rules = resources.filter((resource) => isOneOf(resource, "monitor:DataCollectionRule"));
  const silent = rules.filter(
    ({ key }) => !settings.some((setting) => setting.dependencies.includes(key) && logsErrors(setting)),
  );
  return new Map(silent.map(({ key }) => [key, "no diagnostic setting records the rule's LogErrors"]));
}

function logsErrors(setting: Resource): boolean {
  const logs = (at(setting, "logs") ?? []) as { category?: string; categoryGroup?: string; enabled?: boolean }[];
  // Looks at no more than it must: in a preview, a look at what is not known yet ends the policy.
  return logs.some((log) => log.enabled === true && (log.category === "LogErrors" || log.categoryGroup === "allLogs"));
}
