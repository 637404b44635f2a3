import type { AzureEnvironment } from "./environments.ts";
import type { TokenAuthority } from "./identity/tokens.ts";
import type { ResourceId } from "./resource-manager/resource-type.ts";

/**
 * The local Azure as its parts see each other. The resource manager's state is the one source of truth; data planes read what is
 * deployed through `Deployed` at the moment of a request, and offer the resource manager the few actions in `StoragePlane` and `WorkspacePlane`.
 */
export interface LocalCloud {
  /** Which of Microsoft's clouds it stands in for. */
  readonly environment: AzureEnvironment;
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** The identity that deploys and operates: owner of the subscription, with data roles where a deployer has them. */
  readonly operator: Principal;
  /** Issues the tokens of the tenant. */
  readonly authority: Pick<TokenAuthority, "issue">;
  readonly state: ResourceState;
  readonly deployed: Deployed;
  readonly storage: StoragePlane;
  readonly workspaces: WorkspacePlane;
}

/** A service principal: a managed identity, the operator, or somebody else's application. */
export interface Principal {
  readonly clientId: string;
  readonly principalId: string;
  readonly displayName: string;
}

/** One deployed resource, by Pulumi type token. Outputs are what azure-native would return. */
export interface StoredResource {
  readonly id: ResourceId;
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Everything that is deployed; kept on disk where the local Azure has a data folder. Ids are compared without regard to case. */
export interface ResourceState {
  get(id: ResourceId): StoredResource | undefined;
  list(type: string): readonly StoredResource[];
  set(resource: StoredResource): void;
  delete(id: ResourceId): void;
  /** Called after each change; returns a function that stops it. */
  onChange(listener: (id: ResourceId, resource: StoredResource | undefined) => void): () => void;
}

/** Questions that data planes ask about what is deployed. */
export interface Deployed {
  vault(host: string): { readonly id: ResourceId; readonly host: string } | undefined;
  secret(
    vaultId: ResourceId,
    name: string,
  ):
    | { readonly id: ResourceId; readonly version: string; readonly value: string; readonly enabled: boolean }
    | undefined;
  storageAccount(name: string): { readonly id: ResourceId; readonly name: string } | undefined;
  dataCollectionEndpoint(host: string): { readonly id: ResourceId } | undefined;
  dataCollectionRule(immutableId: string): DeployedRule | undefined;
  workspace(customerId: string): DeployedWorkspace | undefined;
  workspaceById(id: ResourceId): DeployedWorkspace | undefined;
  site(scmHost: string): DeployedSite | undefined;
  sites(): readonly DeployedSite[];
  /** Identity by client id, among user-assigned identities and the operator. */
  principal(clientId: string): Principal | undefined;
  /** Role definition GUIDs that a principal holds on a scope or on any scope above it. */
  roles(principalId: string, scope: ResourceId): readonly string[];
  /** Whether the network lets a caller reach a resource, whatever rights it has there; the operator sits in every network. */
  reaches(principal: Principal, id: ResourceId, part: PrivatePart): boolean;
}

/** Part of a resource that a private endpoint leads to; `azuremonitor` is reached through the endpoint of a private link scope. */
export type PrivatePart = "vault" | "blob" | "queue" | "table" | "azuremonitor";

export interface DeployedRule {
  readonly id: ResourceId;
  readonly immutableId: string;
  readonly dataCollectionEndpointId: ResourceId | undefined;
  /** Stream name → columns, in the rule's own type names (`datetime`, `boolean`, …). */
  readonly streams: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>;
  readonly flows: readonly DeployedFlow[];
}

export interface DeployedFlow {
  readonly stream: string;
  readonly transformKql: string;
  /** Table name with its `_CL`. */
  readonly table: string;
  readonly workspaceId: ResourceId;
}

export interface DeployedWorkspace {
  readonly id: ResourceId;
  /** GUID that queries are addressed to. */
  readonly customerId: string;
  readonly tables: readonly DeployedTable[];
  readonly functions: readonly DeployedFunction[];
}

export interface DeployedTable {
  readonly id: ResourceId;
  readonly name: string;
  /** What it costs, and what may be asked of it: `Analytics`, `Basic` or `Auxiliary`. */
  readonly plan: string;
  /** In the table API's own type names (`dateTime`, `boolean`, …), without the columns that Log Analytics adds to every table. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

export interface DeployedFunction {
  readonly id: ResourceId;
  readonly alias: string;
  /** `name:type=default, …`, empty where there are none. */
  readonly parameters: string;
  readonly query: string;
}

export interface DeployedSite {
  readonly id: ResourceId;
  readonly name: string;
  readonly scmHost: string;
  readonly appSettings: Readonly<Record<string, string>>;
  /** Client ids of the user-assigned identities. */
  readonly identities: readonly string[];
  readonly runtime: { readonly name: string; readonly version: string };
}

/** What the resource manager asks of storage when containers, queues and tables are created or deleted. */
export interface StoragePlane {
  ensureContainer(account: string, name: string): Promise<void>;
  ensureQueue(account: string, name: string): Promise<void>;
  ensureTable(account: string, name: string): Promise<void>;
  deleteContainer(account: string, name: string): Promise<void>;
  deleteQueue(account: string, name: string): Promise<void>;
  deleteTable(account: string, name: string): Promise<void>;
  /** Forgets an account and everything in it. */
  deleteAccount(account: string): Promise<void>;
}

/** What the resource manager asks of Log Analytics when tables come, change and go. */
export interface WorkspacePlane {
  /** Creates the table's storage or adds the columns that it lacks; a column that is gone is hidden, its data with it. */
  ensureTable(workspaceId: ResourceId, table: Pick<DeployedTable, "name" | "columns">): Promise<void>;
  /** Throws `KqlError` where a query means nothing in this workspace, or may not be run on a schedule there. */
  bindQuery(workspace: DeployedWorkspace, query: string): Promise<void>;
  /** Soft delete: the rows are kept, and are there again when a table of that name and schema returns. */
  deleteTable(workspaceId: ResourceId, name: string): Promise<void>;
}
