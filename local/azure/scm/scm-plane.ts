import type { DeployedSite, LocalCloud } from "../cloud.ts";
import type { FunctionsHost } from "../functions/host.ts";
import type { HttpPlane } from "../http-plane.ts";
import { requireRole, type TokenAuthority } from "../identity/tokens.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import { builtInRoles } from "../resource-manager/roles.ts";
import { type Deployment, type Deployments, deploymentStatus } from "./deployments.ts";

/** Roles with the action `Microsoft.Web/sites/publish/Action`. */
const publishers = [builtInRoles.owner, builtInRoles.contributor, builtInRoles.websiteContributor];

/**
 * The deployment site of every function app, `<app>.scm.azurewebsites.net`, as far as a zip deployment needs it.
 * Source: "Zip deployment for Azure Functions", one deploy; what tools for the Flex plan send and poll.
 */
export function scmPlane(
  cloud: Pick<LocalCloud, "deployed">,
  authority: TokenAuthority,
  deployments: Deployments,
  host: Pick<FunctionsHost, "functions">,
): HttpPlane {
  const { resourceManager, sites, storage } = authority.environment;
  // Reports differ on which one the site takes (azure-cli, azure-dev): both work here.
  const audiences = [`https://${resourceManager}`, `https://management.${storage}`];
  return {
    serves: (name) => name.endsWith(`.scm.${sites}`),
    async fetch(request) {
      const url = new URL(request.url);
      const site = cloud.deployed.site(url.hostname);
      // In the cloud the name would not resolve, or a wildcard would answer for an app that is not there.
      if (!site) throw new AzureError(404, "SiteNotFound", `There is no site behind ${url.hostname}.`);
      const principal = authority.authenticate(request, audiences, cloud);
      requireRole(cloud, principal, site.id, publishers, "Microsoft.Web/sites/publish/Action");
      const route = `${request.method} ${url.pathname.replace(/\/+$/, "")}`;
      if (route === "POST /api/publish") return publish(deployments, site, request, url);
      if (route === "GET /api/deployments")
        return Response.json(deployments.list(site).map((deployment) => describe(site, deployment)));
      if (route === "GET /api/functions")
        return Response.json(host.functions(site.name).map(({ name, bindings }) => ({ name, config: { bindings } })));
      const [, id] = /^GET \/api\/deployments\/([^/]+)$/.exec(route) ?? [];
      if (id !== undefined) return getDeployment(deployments, site, id);
      throw new AzureError(404, "NotFound", `The local deployment site does not serve ${route}.`);
    },
  };
}

async function publish(deployments: Deployments, site: DeployedSite, request: Request, url: URL): Promise<Response> {
  const type = url.searchParams.get("type");
  if (type !== "zip") throw new AzureError(400, "BadRequest", `type=${type} is not supported; type=zip is.`);
  if (/^true$/i.test(url.searchParams.get("RemoteBuild") ?? ""))
    throw new AzureError(400, "BadRequest", "RemoteBuild=true is not supported: publish what is built already.");
  const zip = new Uint8Array(await request.arrayBuffer());
  if (zip.byteLength === 0) throw new AzureError(400, "BadRequest", "The request has no body: send the zip.");
  const { id } = deployments.start(site, zip, url.searchParams.get("Deployer") ?? "");
  return Response.json(id, { status: 202, headers: { location: `https://${url.host}/api/deployments/${id}` } });
}

/** Answers when the deployment has ended, so that nobody here waits for his next poll; in the cloud it answers 202 until then. */
async function getDeployment(deployments: Deployments, site: DeployedSite, id: string): Promise<Response> {
  await deployments.whenEnded(site);
  const all = deployments.list(site);
  const found = id === "latest" ? all[0] : all.find((deployment) => deployment.id === id);
  if (!found) throw new AzureError(404, "NotFound", `${site.name} has no deployment ${id}.`);
  return Response.json(describe(site, found));
}

const describe = (site: DeployedSite, deployment: Deployment) => ({
  id: deployment.id,
  status: deployment.status,
  status_text: deployment.statusText,
  deployer: deployment.deployer,
  remoteBuild: false,
  received_time: deployment.receivedAt,
  start_time: deployment.receivedAt,
  end_time: deployment.endedAt ?? null,
  complete: deployment.status === deploymentStatus.success || deployment.status === deploymentStatus.failed,
  active: deployment.active,
  log_url: `https://${site.scmHost}/api/deployments/${deployment.id}/log`,
  site_name: site.name,
});
