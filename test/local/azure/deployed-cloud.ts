import { randomBytes, randomUUID } from "node:crypto";
import type {
  DeployedRule,
  DeployedWorkspace,
  LocalCloud,
  Principal,
  StoredResource,
} from "../../../local/azure/cloud.ts";
import { TokenAuthority } from "../../../local/azure/identity/tokens.ts";

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** What a test has deployed, to be changed at will: the data planes' view of the resource manager, without a resource manager. */
export class DeployedCloud implements Pick<LocalCloud, "deployed" | "state" | "tenantId"> {
  readonly tenantId = randomUUID();
  readonly authority = new TokenAuthority(this.tenantId, randomBytes(32));
  readonly principals: Principal[] = [];
  readonly resources: StoredResource[] = [];
  readonly roles: { principal: Principal; role: string; scope: string }[] = [];
  readonly accounts: { id: string; name: string }[] = [];
  readonly endpoints: { id: string; host: string }[] = [];
  readonly rules: DeployedRule[] = [];
  readonly workspaces: DeployedWorkspace[] = [];
  /** Ids of what is closed to public networks, and has no private endpoint. */
  readonly closed: string[] = [];

  readonly deployed: LocalCloud["deployed"] = {
    vault: () => undefined,
    secret: () => undefined,
    storageAccount: (name) => this.accounts.find((account) => account.name === name),
    dataCollectionEndpoint: (host) => this.endpoints.find((endpoint) => endpoint.host === host),
    dataCollectionRule: (immutableId) => this.rules.find((rule) => rule.immutableId === immutableId),
    workspace: (customerId) => this.workspaces.find((workspace) => workspace.customerId === customerId),
    workspaceById: (id) => this.workspaces.find((workspace) => same(workspace.id, id)),
    site: () => undefined,
    sites: () => [],
    principal: (clientId) => this.principals.find((principal) => principal.clientId === clientId),
    roles: (principalId, scope) =>
      this.roles
        .filter((held) => held.principal.principalId === principalId && `${scope}/`.startsWith(`${held.scope}/`))
        .map((held) => held.role),
    reaches: (_, id) => !this.closed.includes(id),
  };

  readonly state: LocalCloud["state"] = {
    get: (id) => this.resources.find((resource) => same(resource.id, id)),
    list: (type) => this.resources.filter((resource) => resource.type === type),
    set: (resource) => void this.resources.push(resource),
    delete: () => {},
    onChange: () => () => {},
  };

  /** A new identity with these roles. */
  principal(grants: readonly { role: string; scope: string }[] = []): Principal {
    const principal = { clientId: randomUUID(), principalId: randomUUID(), displayName: "test" };
    this.principals.push(principal);
    this.roles.push(...grants.map((grant) => ({ principal, ...grant })));
    return principal;
  }

  /** `Authorization` header of an identity for an audience. */
  bearer(principal: Principal, audience: string): string {
    return `Bearer ${this.authority.issue(principal, audience).token}`;
  }
}
