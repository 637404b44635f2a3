import type { DeployedRule, LocalCloud, Principal } from "../cloud.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import { AzureError } from "../resource-manager/resource-type.ts";

const metricsPublisher = "3913510d-42f4-4e42-8a64-420c390055eb";
const apiVersions = ["2023-01-01", "2021-11-01-preview"];

/** Rule and stream of the request, after everything that Azure checks before it looks at the body. */
export function addressed(
  cloud: Pick<LocalCloud, "deployed">,
  authority: TokenAuthority,
  request: Request,
): { rule: DeployedRule; stream: string } {
  const principal = authority.authenticate(request, [`https://${authority.environment.monitor}`], cloud);
  const url = new URL(request.url);
  const [, immutableId, stream] = /^\/dataCollectionRules\/([^/]+)\/streams\/([^/]+)\/?$/i.exec(url.pathname) ?? [];
  if (request.method !== "POST" || immutableId === undefined || stream === undefined) {
    throw new AzureError(
      404,
      "NotFound",
      `There is nothing at ${request.method} ${url.pathname}; rows go to POST /dataCollectionRules/{immutableId}/streams/{stream}.`,
    );
  }
  requireApiVersion(url.searchParams.get("api-version"));
  const rule = ruleAt(cloud, url.hostname, decodeURIComponent(immutableId));
  requireReach(cloud, principal, rule);
  requirePublisher(cloud, principal, rule);
  const name = decodeURIComponent(stream);
  if (!Object.hasOwn(rule.streams, name)) {
    throw new AzureError(
      404,
      "NotFound",
      `Stream ${name} is not declared in data collection rule ${rule.immutableId}. Declared are ${Object.keys(rule.streams).join(", ")}.`,
    );
  }
  return { rule, stream: name };
}

function requireApiVersion(version: string | null): void {
  if (version !== null && apiVersions.includes(version)) return;
  throw new AzureError(
    400,
    "UnsupportedApiVersion",
    `The api-version ${version ?? "(none)"} is not supported; supported are ${apiVersions.join(", ")}.`,
  );
}

function ruleAt(cloud: Pick<LocalCloud, "deployed">, host: string, immutableId: string): DeployedRule {
  const endpoint = cloud.deployed.dataCollectionEndpoint(host);
  if (!endpoint) throw new AzureError(404, "NotFound", `No data collection endpoint is deployed at ${host}.`);
  const rule = cloud.deployed.dataCollectionRule(immutableId);
  if (!rule)
    throw new AzureError(404, "NotFound", `Data collection rule with immutable Id '${immutableId}' not found.`);
  if (rule.dataCollectionEndpointId?.toLowerCase() !== endpoint.id.toLowerCase()) {
    throw new AzureError(
      404,
      "NotFound",
      `Data collection rule '${immutableId}' does not use the data collection endpoint at ${host}.`,
    );
  }
  return rule;
}

/** Azure Monitor docs, private-link-design: an endpoint that is closed to public networks takes rows through a private link scope only. */
function requireReach(cloud: Pick<LocalCloud, "deployed">, principal: Principal, rule: DeployedRule): void {
  const endpoint = rule.dataCollectionEndpointId ?? "";
  if (cloud.deployed.reaches(principal, endpoint, "azuremonitor")) return;
  throw new AzureError(
    403,
    "Forbidden",
    `The data collection endpoint ${endpoint} takes no rows from public networks, and the caller comes through no private link.`,
  );
}

/** Azure SDK for .NET, "Azure.Monitor.Ingestion: troubleshooting", 403. */
function requirePublisher(cloud: Pick<LocalCloud, "deployed">, principal: Principal, rule: DeployedRule): void {
  if (cloud.deployed.roles(principal.principalId, rule.id).includes(metricsPublisher)) return;
  throw new AzureError(
    403,
    "OperationFailed",
    `The authentication token provided does not have access to ingest data for the data collection rule with immutable Id '${rule.immutableId}': objectId ${principal.principalId} lacks the role Monitoring Metrics Publisher on ${rule.id}.`,
  );
}
