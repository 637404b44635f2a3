import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { readCatalog, type Stream } from "../kql/catalog.ts";
import type { ContentChoices } from "../kql/catalog-choices.ts";
import { chooseFunctions, type FunctionChoices, linesToAdd, readFunctions } from "../kql/catalog-functions.ts";
import { Alerts } from "./alerts.ts";
import { type CollectionSettings, type WorkerConnection, workerConnections } from "./app-settings.ts";
import { type Cloud, cloudFacts } from "./cloud.ts";
import { Code } from "./code.ts";
import { Collector } from "./collector.ts";
import type { ConnectorScope, PrivateNetwork } from "./connector-scope.ts";
import { Content } from "./content.ts";
import { withoutVersionedAliases } from "./current-types.ts";
import { Diagnostics } from "./diagnostics.ts";
import { adopting, type Existing } from "./existing.ts";
import { Health } from "./health.ts";
import { Locks } from "./locks.ts";
import { azureName, suffixLength } from "./naming.ts";
import { type NatGateway, Network } from "./network.ts";
import { type Operator, Operators } from "./operators.ts";
import { claimWorkspace, stackName } from "./ownership.ts";
import { Push, type Pusher } from "./push.ts";
import { showContent } from "./show-content.ts";
import { Storage } from "./storage.ts";
import { Streams } from "./streams.ts";
import { resourceTags } from "./tags.ts";
import { type TokenSource, Vault } from "./vault.ts";
import { Workspace } from "./workspace.ts";

/** A console or tenant to collect from, and where its token comes from. */
export type ConnectorConnection = WorkerConnection & { readonly token: TokenSource };

export interface ConnectorArgs {
  /** Name of the stack; part of every Azure name, so that stacks live side by side in one subscription. */
  readonly stack: string;
  readonly cloud: Cloud;
  /** Azure region, e.g. `westeurope`. */
  readonly location: string;
  /** Put on every resource that takes tags, besides the connector's own. */
  readonly tags: Readonly<Record<string, string>>;
  /** Resource id of an existing workspace with Sentinel; absent: a new one is made. */
  readonly workspaceId?: string | undefined;
  /** Days that rows stay queryable. */
  readonly retentionDays: number;
  /** Days that rows are kept, archived after those. */
  readonly totalRetentionDays: number;
  /** Ids of streams whose tables have the plan Basic: cheaper, and out of reach of rules and functions. */
  readonly basicStreams: readonly string[];
  /** GB a day after which a new workspace takes no more rows until the next day; absent: it takes all. */
  readonly dailyCapGb: number | undefined;
  /** Whether vault, storage, workspace and worker record who did what. */
  readonly auditLogs: boolean;
  /** Whether what cannot be made again is locked against deletion. */
  readonly resourceLocks: boolean;
  /** Whether data outlives the stack: resource group, workspace, tables and secrets cannot be deleted with it. */
  readonly protectData: boolean;
  /** The only network that reaches the connector; absent: whoever has a role, from anywhere. */
  readonly network: PrivateNetwork | undefined;
  readonly connections: readonly ConnectorConnection[];
  readonly pushers: readonly Pusher[];
  /** Who looks after it with `npm run connector`. */
  readonly operators: readonly Operator[];
  /** Who is told by mail when the worker itself cannot say anything. */
  readonly alertEmails: readonly string[];
  /** What the stack decides about single workspace functions. */
  readonly functions: FunctionChoices;
  /** What the stack decides about rules, hunting queries and workbooks. */
  readonly content: ContentChoices;
  readonly collection: CollectionSettings;
  /** Memory of one instance of the worker, in MB. */
  readonly instanceMemoryMb: number;
  /** Most instances of the worker that run at once. */
  readonly maximumInstances: number;
  /** What is there already, as the preflight found it. */
  readonly existing: Existing;
  /** The worker's package, as `bundle()` made it. */
  readonly code: { readonly sha256: pulumi.Input<string> };
}

/** A complete connector for SentinelOne and Valence: from the vendors' APIs to tables and functions in a Sentinel workspace. */
export class Connector extends pulumi.ComponentResource {
  readonly resourceGroupName: pulumi.Output<string>;
  /** Object id of the worker's identity, for those who let it read a secret of their own. */
  readonly identityPrincipalId: pulumi.Output<string>;
  /** What is collected from, without tokens: with the ids of the secrets that hold them. */
  readonly connections: pulumi.Output<readonly unknown[]>;
  readonly workspace: Workspace;
  readonly vault: Vault;
  readonly storage: Storage;
  readonly streams: Streams;
  readonly collector: Collector;
  readonly code: Code;
  readonly content: Content;
  readonly push: Push;
  /** For the owner of the private network, who puts it on the worker's subnet; empty where none was asked for. */
  readonly natGateway: pulumi.Output<Partial<NatGateway>>;
  /** By function: what to add to it so that ASIM's parsers find ours, where that function is not the connector's. */
  readonly asimLinesToAdd: Readonly<Record<string, string>>;

  constructor(name: string, args: ConnectorArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "sentinelone-valence-connector:index:Connector",
      name,
      {},
      { ...opts, transformations: [withoutVersionedAliases] },
    );
    const scope = this.createScope(name, args);
    const identity = this.createIdentity(name, scope);
    const streams = readCatalog();
    const shared = { ...args, scope, identity };
    const child = { parent: this };

    this.workspace = new Workspace(`${name}-workspace`, { ...shared, existingId: args.workspaceId }, child);
    const inside = { ...child, ...this.workspace.inside };
    this.streams = new Streams(`${name}-streams`, { ...shared, streams, workspace: this.workspace }, child);
    this.push = new Push(
      `${name}-push`,
      { pushers: args.pushers, catalog: streams, streams: this.streams, tenantId: identity.tenantId },
      child,
    );
    this.vault = new Vault(`${name}-vault`, { ...shared, reader: identity }, child);
    this.storage = new Storage(`${name}-storage`, { ...shared, worker: identity }, child);
    const health = new Health(
      `${name}-health`,
      { ...shared, workspace: this.workspace, worker: identity, rules: this.streams.rules },
      child,
    );
    const network =
      args.network &&
      new Network(
        `${name}-network`,
        { ...shared, network: args.network, workspace: this.workspace, streams: this.streams, health },
        child,
      );
    this.natGateway = network?.natGateway ?? pulumi.output({});
    this.collector = new Collector(
      `${name}-collector`,
      {
        ...shared,
        storage: this.storage,
        vault: this.vault,
        streams: this.streams,
        health,
        network,
        ...cloudFacts[args.cloud],
        sha256: args.code.sha256,
      },
      child,
    );
    this.code = new Code(
      `${name}-code`,
      {
        app: this.collector.app,
        cloud: args.cloud,
        reachable: this.collector.reachable,
        storage: this.storage,
        sha256: args.code.sha256,
      },
      child,
    );
    const readable = streams.filter(({ id }) => !args.basicStreams.includes(id));
    const isGuest = args.existing.isGuest ?? false;
    const functions = isGuest
      ? []
      : chooseFunctions(readFunctions(readable), args.functions, args.workspaceId ? "existing" : "new");
    this.asimLinesToAdd = linesToAdd(functions);
    this.content = new Content(
      `${name}-content`,
      { ...shared, workspace: this.workspace, functions, streams, tables: this.streams.tables },
      inside,
    );
    if (!isGuest) {
      this.claim(name, streams, args);
      const shown = { ...args, scope, workspace: this.workspace, catalog: streams, streams: this.streams, functions };
      showContent(name, { ...shown, queried: this.content }, inside);
    }
    new Alerts(
      `${name}-alerts`,
      {
        scope,
        workspace: this.workspace,
        app: this.collector.app,
        storage: this.storage,
        rules: this.streams.rules,
        streamCount: args.connections.reduce((sum, connection) => sum + connection.streams.length, 0),
        emails: args.alertEmails,
      },
      child,
    );
    const { workspace, vault, storage, collector } = this;
    if (args.auditLogs)
      new Diagnostics(`${name}-diagnostics`, { workspace, vault, storage, app: collector.app }, child);
    if (args.operators.length > 0) new Operators(`${name}-operators`, { ...args, storage, workspace }, child);
    if (args.resourceLocks) new Locks(`${name}-locks`, { storage, streams: this.streams, network }, child);

    this.resourceGroupName = scope.place.resourceGroupName;
    this.identityPrincipalId = identity.principalId;
    this.connections = pulumi.output(workerConnections({ ...args, vault: this.vault }));
    this.registerOutputs({ resourceGroupName: this.resourceGroupName });
  }

  /** After the tables, so that what it names is there. */
  private claim(name: string, streams: readonly Stream[], { existing }: ConnectorArgs): void {
    const tables = streams.map(({ table }) => [table, existing.tables[table]?.mended ?? 0]);
    const ownership = { stack: stackName(), tables: Object.fromEntries(tables) as Record<string, number> };
    const dependsOn = [...this.streams.tables.values()];
    claimWorkspace(`${name}-ownership`, this.workspace, ownership, {
      parent: this,
      ...this.workspace.inside,
      dependsOn,
    });
  }

  private createScope(
    name: string,
    { stack, location, tags: own, protectData, network, existing }: ConnectorArgs,
  ): ConnectorScope {
    const tags = resourceTags(stack, own);
    const keep = { protect: protectData, retainOnDelete: protectData };
    const group = new ResourceGroup(
      `${name}-rg`,
      { resourceGroupName: azureName("resourceGroup", stack), location, tags },
      { parent: this, ...keep, ...adopting(existing.adopted.resourceGroup) },
    );
    const suffix = new random.RandomString(
      `${name}-suffix`,
      { length: suffixLength, special: false, upper: false },
      { parent: this },
    );
    return { stack, place: { resourceGroupName: group.name, location }, tags, suffix: suffix.result, network, keep };
  }

  /** User-assigned, so that its roles exist before the app: with a system-assigned one the first start fails until they have spread. */
  private createIdentity(name: string, { place, stack, tags }: ConnectorScope): UserAssignedIdentity {
    return new UserAssignedIdentity(
      `${name}-id`,
      { ...place, resourceName: azureName("identity", stack), tags },
      { parent: this },
    );
  }
}
