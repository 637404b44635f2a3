import type {
  Deployed,
  DeployedFlow,
  DeployedRule,
  DeployedSite,
  DeployedWorkspace,
  Principal,
  ResourceState,
  StoredResource,
} from "../cloud.ts";
import { findApplication } from "../identity/applications.ts";
import { reaches } from "./private-access.ts";
import { isWithin, nameOf } from "./resource-id.ts";
import type { ResourceId } from "./resource-type.ts";
import { operatorRoles, roleGuid } from "./roles.ts";
import { roleAssignment } from "./types/authorization.ts";
import { secret, vault } from "./types/keyvault.ts";
import { userAssignedIdentity } from "./types/managedidentity.ts";
import { dataCollectionEndpoint } from "./types/monitor-endpoint.ts";
import { dataCollectionRule, type RuleInputs } from "./types/monitor-rule.ts";
import { savedSearch, workspace } from "./types/operationalinsights.ts";
import { table } from "./types/operationalinsights-table.ts";
import { storageAccount } from "./types/storage.ts";
import { type FunctionAppConfig, webApp } from "./types/web.ts";

/** Answers data planes' questions from the resource manager's state, as it is at the moment of the question. */
export function createDeployed(state: ResourceState, operator: Principal): Deployed {
  const sites = () => state.list(webApp.type).map((site) => deployedSite(site, state));
  return {
    vault(host) {
      const found = state
        .list(vault.type)
        .find(({ outputs }) => hostOf(path(outputs, "properties", "vaultUri")) === host);
      return found && { id: found.id, host };
    },
    secret(vaultId, name) {
      const found = state.get(`${vaultId}/secrets/${name}`);
      if (found?.type !== secret.type) return undefined;
      return {
        id: found.id,
        version: nameOf(text(path(found.outputs, "properties", "secretUriWithVersion"))),
        value: text(path(found.inputs, "properties", "value")),
        enabled: path(found.outputs, "properties", "attributes", "enabled") !== false,
      };
    },
    storageAccount(name) {
      const found = state.list(storageAccount.type).find(({ id }) => nameOf(id) === name);
      return found && { id: found.id, name };
    },
    dataCollectionEndpoint(host) {
      const found = state
        .list(dataCollectionEndpoint.type)
        .find(({ outputs }) => hostOf(path(outputs, "logsIngestion", "endpoint")) === host);
      return found && { id: found.id };
    },
    dataCollectionRule(immutableId) {
      const found = state.list(dataCollectionRule.type).find(({ outputs }) => outputs["immutableId"] === immutableId);
      return found && deployedRule(found);
    },
    workspace(customerId) {
      const wanted = customerId.toLowerCase();
      const found = state
        .list(workspace.type)
        .find(({ outputs }) => text(outputs["customerId"]).toLowerCase() === wanted);
      return found && deployedWorkspace(found, state);
    },
    workspaceById(id) {
      const found = state.get(id);
      return found?.type === workspace.type ? deployedWorkspace(found, state) : undefined;
    },
    site: (scmHost) => sites().find((site) => site.scmHost === scmHost),
    sites,
    principal(clientId) {
      if (clientId === operator.clientId) return operator;
      const found = state.list(userAssignedIdentity.type).find(({ outputs }) => outputs["clientId"] === clientId);
      if (!found) return findApplication({ state }, clientId)?.principal;
      return { clientId, principalId: text(found.outputs["principalId"]), displayName: nameOf(found.id) };
    },
    roles(principalId, scope) {
      const assigned = state
        .list(roleAssignment.type)
        .filter(({ inputs }) => inputs["principalId"] === principalId && isWithin(scope, text(inputs["scope"])))
        .map(({ inputs }) => roleGuid(text(inputs["roleDefinitionId"])) ?? "");
      return principalId === operator.principalId ? [...operatorRoles, ...assigned] : assigned;
    },
    reaches: (principal, id, part) =>
      principal.principalId === operator.principalId || reaches({ state, sites }, principal, id, part),
  };
}

function deployedRule({ id, inputs, outputs }: StoredResource): DeployedRule {
  const rule = inputs as RuleInputs;
  const workspaces = rule.destinations?.logAnalytics ?? [];
  const flows = (rule.dataFlows ?? []).flatMap((flow) =>
    (flow.streams ?? []).flatMap((stream) =>
      (flow.destinations ?? []).flatMap((name): DeployedFlow[] => {
        const destination = workspaces.find((workspace) => workspace.name === name);
        if (!destination) return [];
        return [
          {
            stream,
            transformKql: flow.transformKql ?? "source",
            table: (flow.outputStream ?? stream).replace(/^(Custom|Microsoft)-/, ""),
            workspaceId: destination.workspaceResourceId,
          },
        ];
      }),
    ),
  );
  return {
    id,
    immutableId: text(outputs["immutableId"]),
    dataCollectionEndpointId: rule.dataCollectionEndpointId,
    streams: Object.fromEntries(
      Object.entries(rule.streamDeclarations ?? {}).map(([name, { columns }]) => [name, columns]),
    ),
    flows,
  };
}

function deployedWorkspace({ id, outputs }: StoredResource, state: ResourceState): DeployedWorkspace {
  const ofWorkspace = (type: string) => state.list(type).filter((resource) => isWithin(resource.id, id));
  return {
    id,
    customerId: text(outputs["customerId"]),
    tables: ofWorkspace(table.type).map((resource) => ({
      id: resource.id,
      name: nameOf(resource.id),
      plan: text(resource.outputs["plan"]) || "Analytics",
      columns: (path(resource.inputs, "schema", "columns") ?? []) as { name: string; type: string }[],
    })),
    functions: ofWorkspace(savedSearch.type)
      .filter(({ inputs }) => inputs["functionAlias"] !== undefined)
      .map((resource) => ({
        id: resource.id,
        alias: text(resource.inputs["functionAlias"]),
        parameters: text(resource.inputs["functionParameters"]),
        query: text(resource.inputs["query"]),
      })),
  };
}

function deployedSite({ id, inputs, outputs }: StoredResource, state: ResourceState): DeployedSite {
  const settings = (path(inputs, "siteConfig", "appSettings") ?? []) as { name: string; value: string }[];
  const identities = (path(inputs, "identity", "userAssignedIdentities") ?? []) as ResourceId[];
  const hosts = outputs["hostNameSslStates"] as { hostType: string; name: string }[];
  return {
    id,
    name: nameOf(id),
    scmHost: hosts.find(({ hostType }) => hostType === "Repository")?.name ?? "",
    appSettings: Object.fromEntries(settings.map(({ name, value }) => [name, value])),
    identities: identities.flatMap((identity) => {
      const clientId = state.get(identity)?.outputs["clientId"];
      return typeof clientId === "string" ? [clientId] : [];
    }),
    runtime: runtimeOf(inputs),
  };
}

/** A Flex Consumption app names it in its configuration, every other one on Linux as `Node|24`. */
function runtimeOf(inputs: StoredResource["inputs"]): DeployedSite["runtime"] {
  const [name = "", version = ""] = text(path(inputs, "siteConfig", "linuxFxVersion"))
    .toLowerCase()
    .split("|");
  const { runtime } = (inputs["functionAppConfig"] ?? {}) as FunctionAppConfig;
  return { name: runtime?.name ?? name, version: runtime?.version ?? version };
}

/** Value at a path of properties; undefined where the path ends early. */
function path(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], value);
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

const hostOf = (url: unknown): string => new URL(text(url)).host;
