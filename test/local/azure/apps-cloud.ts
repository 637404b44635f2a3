import { randomBytes, randomUUID } from "node:crypto";
import type { DeployedSite, LocalCloud, Principal, StoredResource } from "../../../local/azure/cloud.ts";
import { TokenAuthority } from "../../../local/azure/identity/tokens.ts";

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** Apps, accounts, identities and roles as a test wants them deployed, changed at will. */
export class AppsCloud implements Pick<LocalCloud, "tenantId" | "operator" | "deployed" | "state"> {
  readonly tenantId = randomUUID();
  readonly group = `/subscriptions/${randomUUID()}/resourceGroups/rg`;
  readonly authority = new TokenAuthority(this.tenantId, randomBytes(32));
  /** What only the resource manager's own state says about a resource. */
  readonly resources: StoredResource[] = [];
  readonly accounts: { id: string; name: string }[] = [];
  readonly #sites: DeployedSite[] = [];
  readonly #principals: Principal[] = [];
  #grants: { principal: Principal; role: string; scope: string }[] = [];
  readonly #listeners = new Set<(id: string, resource: StoredResource | undefined) => void>();
  readonly operator = this.newPrincipal();

  readonly deployed: LocalCloud["deployed"] = {
    vault: () => undefined,
    secret: () => undefined,
    storageAccount: (name) => this.accounts.find((account) => account.name === name),
    dataCollectionEndpoint: () => undefined,
    dataCollectionRule: () => undefined,
    workspace: () => undefined,
    workspaceById: () => undefined,
    site: (scmHost) => this.#sites.find((site) => site.scmHost === scmHost),
    sites: () => [...this.#sites],
    principal: (clientId) => this.#principals.find((principal) => principal.clientId === clientId),
    reaches: () => true,
    roles: (principalId, scope) =>
      this.#grants
        .filter((held) => held.principal.principalId === principalId && `${scope}/`.startsWith(`${held.scope}/`))
        .map((held) => held.role),
  };

  readonly state: LocalCloud["state"] = {
    get: (id) => this.resources.find((resource) => same(resource.id, id)),
    list: () => [],
    set: () => {},
    delete: () => {},
    onChange: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
  };

  newPrincipal(): Principal {
    const principal = { clientId: randomUUID(), principalId: randomUUID(), displayName: "test" };
    this.#principals.push(principal);
    return principal;
  }

  grant(principal: Principal, role: string, scope: string): void {
    this.#grants.push({ principal, role, scope });
  }

  revoke(principal: Principal, role: string): void {
    this.#grants = this.#grants.filter((held) => held.principal !== principal || held.role !== role);
  }

  /** Creates the site, or changes the one of that name. */
  putSite(site: DeployedSite): void {
    this.removeSite(site.name, false);
    this.#sites.push(site);
    this.#tell(site.id);
  }

  removeSite(name: string, tell = true): void {
    const index = this.#sites.findIndex((site) => site.name === name);
    const [removed] = index < 0 ? [] : this.#sites.splice(index, 1);
    if (removed && tell) this.#tell(removed.id);
  }

  /** `Authorization` header of an identity for an audience. */
  bearer(principal: Principal, audience: string): string {
    return `Bearer ${this.authority.issue(principal, audience).token}`;
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id, undefined);
  }
}
