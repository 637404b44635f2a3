import { cloudFacts } from "../../components/cloud.ts";
import { HttpClient, HttpError, type HttpResponse } from "../../function-code/http.ts";
import { stateTables } from "../../function-code/state/entities.ts";
import type { OperatorAccess } from "./azure.ts";
import type { Deployment } from "./deployment.ts";
import { messageFor, OperatorError } from "./operator-error.ts";

/** One way that a request takes, tried from where the operator is. */
export interface PathStanding {
  readonly path: string;
  readonly host: string;
  /**
   * `open`: it can be gone. `refused`: it leads there, and you lack a role. `closed`: the network lets nobody pass from here.
   * `broken`: something else is wrong.
   */
  readonly status: "open" | "refused" | "closed" | "broken";
  /** What was seen and what to do; null where nothing is to be said. */
  readonly detail: string | null;
}

type Finding = Pick<PathStanding, "status" | "detail">;
type Path = readonly [path: string, url: string, attempt: () => Promise<Finding>];
type Access = Pick<OperatorAccess, "workspace" | "arm" | "credential">;

const open: Finding = { status: "open", detail: null };
const storageVersion = "2020-12-06";
const storageScope = "https://storage.azure.com/.default";

/** Tries each path, one after the other, and changes nothing. */
export async function* doctor(deployment: Deployment, access: Access): AsyncIterable<PathStanding> {
  const http = new HttpClient();
  const { stateTableEndpoint, queueEndpoint, vaultUri, ingestionEndpoint, publishingHost } = deployment;
  const paths: readonly Path[] = [
    [
      "you → Azure Resource Manager",
      `https://${cloudFacts[deployment.cloud].resourceManager}`,
      () => tryResourceManager(deployment, access),
    ],
    ["you → state tables", stateTableEndpoint, () => tryTables(stateTableEndpoint, access, http)],
    ["you → work queue", queueEndpoint, () => tryQueue(queueEndpoint, access, http)],
    ["you → vault", vaultUri, () => tryVault(vaultUri, access, http)],
    ["you → workspace", deployment.workspaceResourceId, () => tryWorkspace(access)],
    ["worker → ingestion endpoint", ingestionEndpoint, () => tryAny(ingestionEndpoint, http)],
    ["deployer → worker", `https://${publishingHost}`, () => tryAny(`https://${publishingHost}`, http)],
    ...natGatewayPath(deployment, access),
    ...deployment.connections.map(
      ({ name, url }) => [`worker → console "${name}"`, url, () => tryAny(url, http)] as const,
    ),
  ];
  try {
    for (const [path, url, attempt] of paths) {
      const host = URL.canParse(url) ? new URL(url).host : (url.split("/").at(-1) ?? url);
      yield { path, host, ...(await told(attempt)) };
    }
  } finally {
    http.close();
  }
}

/** What a failed attempt means; a defect of this program is thrown on. */
async function told(attempt: () => Promise<Finding>): Promise<Finding> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof HttpError) return unreachable(error);
    const message = messageFor(error);
    if (message === undefined) throw error;
    return { status: /\((401|403)\)/.test(message) ? "refused" : "broken", detail: message };
  }
}

function unreachable({ failure, message }: HttpError): Finding {
  if (failure === "certificate")
    return { status: "broken", detail: `${message}: something on the way intercepts TLS.` };
  return {
    status: "closed",
    detail: `${message}. From here this way is closed: a firewall or proxy on the way, or a private network whose names are known inside only.`,
  };
}

const closed = (what: string): Finding => ({
  status: "closed",
  detail: `${what} is reached from its private network only. Run this from inside it: stacks/network.md says who needs it.`,
});

const refused = (role: string, on: string): Finding => ({
  status: "refused",
  detail: `You are known there, and lack the role ${role} on ${on}. The stack's setting \`operators\` gives it.`,
});

async function tryResourceManager({ workspaceResourceId }: Deployment, { arm }: Access): Promise<Finding> {
  const workspace = await arm.get(workspaceResourceId, "2023-09-01");
  return workspace ? open : { status: "broken", detail: `There is no ${workspaceResourceId}. Deploy the stack again.` };
}

/** Whose address consoles see is decided by the network's owner, who puts the gateway on the worker's subnet. */
function natGatewayPath({ natGateway }: Deployment, { arm }: Access): readonly Path[] {
  const { id, address } = natGateway ?? {};
  if (!id) return [];
  const attempt = async (): Promise<Finding> => {
    const gateway = await arm.get(id, "2024-05-01");
    if (!gateway) return { status: "broken", detail: `There is no ${id}. Deploy the stack again.` };
    const { subnets = [] } = (gateway.properties ?? {}) as { readonly subnets?: readonly unknown[] };
    if (subnets.length > 0) return { status: "open", detail: `Consoles see ${address}.` };
    return {
      status: "broken",
      detail: `It is on no subnet, so consoles see another address than ${address}: az network vnet subnet update --ids <workerSubnetId> --nat-gateway ${id}`,
    };
  };
  return [["worker → NAT gateway", id, attempt]];
}

async function tryWorkspace({ workspace }: Access): Promise<Finding> {
  await workspace.rows("print Open = true");
  return open;
}

async function tryTables(endpoint: string, access: Access, http: HttpClient): Promise<Finding> {
  const url = `${endpoint}/${stateTables.checkpoints}()?$top=1`;
  return judgeStorage(await askStorage(url, access, http), "Storage Table Data Reader", "the table Checkpoints");
}

async function tryQueue(endpoint: string, access: Access, http: HttpClient): Promise<Finding> {
  const response = await askStorage(`${endpoint}/collect?comp=metadata`, access, http);
  const finding = judgeStorage(response, "Storage Queue Data Reader", "the storage account");
  if (finding.status !== "open") return finding;
  const waiting = Number(response.headers["x-ms-approximate-messages-count"] ?? 0);
  const poison = await askStorage(`${endpoint}/collect-poison?comp=metadata`, access, http);
  const givenUp = poison.status === 200 ? Number(poison.headers["x-ms-approximate-messages-count"] ?? 0) : 0;
  const detail = `${waiting} messages wait, ${givenUp} were given up${givenUp > 0 ? ": the log of the function collect tells why. Nothing is lost by them, since checkpoints decide what is fetched." : "."}`;
  return { status: "open", detail };
}

function judgeStorage({ status, body }: HttpResponse, role: string, on: string): Finding {
  if (status === 200) return open;
  const text = body.toString("utf8");
  // Azure tells a missing role from a closed network by the code alone.
  if (status === 403 && text.includes("AuthorizationFailure")) return closed("The storage account");
  if (status === 401 || status === 403) return refused(role, on);
  return { status: "broken", detail: `The service answers ${status}.` };
}

async function askStorage(url: string, access: Access, http: HttpClient): Promise<HttpResponse> {
  const headers = {
    accept: "application/json;odata=nometadata",
    "x-ms-version": storageVersion,
    "x-ms-date": new Date().toUTCString(),
    authorization: await bearer(access, storageScope),
  };
  return http.send({ method: "GET", url: new URL(url), headers });
}

/** Only whether it is reached: nobody needs to read a token to look after the connector. */
async function tryVault(vaultUri: string, access: Access, http: HttpClient): Promise<Finding> {
  const url = new URL("secrets?api-version=7.4&maxresults=1", vaultUri);
  // Without a token the vault names whom it trusts, even where the network is closed.
  const challenge = await http.send({ method: "GET", url, headers: {} });
  const resource = /(?:resource|scope)="([^"]+)"/.exec(challenge.headers["www-authenticate"] ?? "")?.[1];
  if (!resource) return open;
  const scope = `${resource.replace(/\/(\.default)?$/, "")}/.default`;
  const response = await http.send({ method: "GET", url, headers: { authorization: await bearer(access, scope) } });
  if (/ForbiddenByConnection|ForbiddenByFirewall/.test(response.body.toString("utf8"))) return closed("The vault");
  if (response.status !== 403) return open;
  return {
    status: "open",
    detail:
      "It is reached, and keeps its secrets from you, as it should. Only `probe` needs Key Vault Secrets User there.",
  };
}

/** Any answer will do. What the worker itself sees may differ, where its traffic takes another way. */
async function tryAny(address: string, http: HttpClient): Promise<Finding> {
  const { status } = await http.send({ method: "GET", url: new URL(address), headers: {} });
  if (status === 403) return closed(new URL(address).host);
  return status >= 500 ? { status: "broken", detail: `It answers ${status}.` } : open;
}

async function bearer({ credential }: Access, scope: string): Promise<string> {
  const token = await credential.getToken(scope);
  if (!token) throw new OperatorError("Azure does not know who you are: sign in with `az login`.");
  return `Bearer ${token.token}`;
}
