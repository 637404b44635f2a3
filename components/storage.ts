import type { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import { BlobContainer } from "@pulumi/azure-native/storage/blobContainer.js";
import { Queue } from "@pulumi/azure-native/storage/queue.js";
import { StorageAccount } from "@pulumi/azure-native/storage/storageAccount.js";
import { Table } from "@pulumi/azure-native/storage/table.js";
import * as pulumi from "@pulumi/pulumi";
import type { ConnectorScope } from "./connector-scope.ts";
import { globalName } from "./naming.ts";
import { connectPrivately } from "./private-endpoint.ts";
import { assignRole } from "./roles.ts";

/** Names inside the account. The worker creates none of them; the tables are its `stateTables`. */
export const workQueue = "collect";
const stateTables = ["Checkpoints", "Ledger", "Objects", "Windows"] as const;
type StateTable = (typeof stateTables)[number];
const packageContainer = "deployment-package";

/** Services of the account that are used. */
export const storageServices = ["blob", "queue", "table"] as const;
type StorageService = (typeof storageServices)[number];

export interface StorageArgs {
  readonly scope: ConnectorScope;
  /** Who works with what is stored. */
  readonly worker: UserAssignedIdentity;
}

/** What the worker remembers between runs, the queue that carries its work, and the package that it runs from. */
export class Storage extends pulumi.ComponentResource {
  readonly accountName: pulumi.Output<string>;
  /** Resource id. */
  readonly accountId: pulumi.Output<string>;
  /** Addresses of the three services, without a slash at their ends. */
  readonly endpoints: Record<StorageService, pulumi.Output<string>>;
  /** Resource ids of the state tables. */
  readonly tableIds: Readonly<Record<StateTable, pulumi.Output<string>>>;
  /** Where the app's package is kept. */
  readonly packageContainer: BlobContainer;
  /** Address of that container. */
  readonly packageContainerUrl: pulumi.Output<string>;
  /** What the worker needs before it can start. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: StorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Storage", name, {}, opts);
    const account = this.createAccount(name, args);
    this.packageContainer = this.createContainer(name, account, args);
    const tables = this.createTables(name, account, args);
    const contents = [this.createQueue(name, account, args), ...tables];
    this.tableIds = Object.fromEntries(stateTables.map((table, i) => [table, tables[i]?.id])) as Storage["tableIds"];
    this.accountName = account.name;
    this.accountId = account.id;
    this.endpoints = {
      blob: account.primaryEndpoints.blob.apply(withoutSlash),
      queue: account.primaryEndpoints.queue.apply(withoutSlash),
      table: account.primaryEndpoints.table.apply(withoutSlash),
    };
    this.packageContainerUrl = pulumi.interpolate`${this.endpoints.blob}/${this.packageContainer.name}`;
    this.ready = [
      this.packageContainer,
      ...contents,
      ...this.openTo(name, account, args),
      ...this.connect(name, account, args),
    ];
    this.registerOutputs({ accountName: this.accountName });
  }

  private createAccount(name: string, { scope }: StorageArgs): StorageAccount {
    return new StorageAccount(
      `${name}-st`,
      {
        ...scope.place,
        accountName: scope.suffix.apply((suffix) => globalName("storageAccount", scope.stack, suffix)),
        kind: "StorageV2",
        sku: { name: "Standard_LRS" },
        // Nobody holds a key to it: whoever wants in needs a role.
        allowSharedKeyAccess: false,
        allowBlobPublicAccess: false,
        defaultToOAuthAuthentication: true,
        enableHttpsTrafficOnly: true,
        minimumTlsVersion: "TLS1_2",
        ...(scope.network
          ? { publicNetworkAccess: "Disabled", networkRuleSet: { bypass: "None", defaultAction: "Deny" } }
          : { publicNetworkAccess: "Enabled", networkRuleSet: { bypass: "AzureServices", defaultAction: "Allow" } }),
        tags: scope.tags,
      },
      { parent: this },
    );
  }

  private createContainer(name: string, account: StorageAccount, { scope }: StorageArgs): BlobContainer {
    return new BlobContainer(
      `${name}-package`,
      {
        resourceGroupName: scope.place.resourceGroupName,
        accountName: account.name,
        containerName: packageContainer,
        publicAccess: "None",
      },
      { parent: this },
    );
  }

  private createQueue(name: string, account: StorageAccount, { scope }: StorageArgs): Queue {
    return new Queue(
      `${name}-queue`,
      { resourceGroupName: scope.place.resourceGroupName, accountName: account.name, queueName: workQueue },
      { parent: this },
    );
  }

  private createTables(name: string, account: StorageAccount, { scope }: StorageArgs): Table[] {
    return stateTables.map(
      (table) =>
        new Table(
          `${name}-${table.toLowerCase()}`,
          { resourceGroupName: scope.place.resourceGroupName, accountName: account.name, tableName: table },
          { parent: this },
        ),
    );
  }

  private connect(name: string, account: StorageAccount, { scope }: StorageArgs): pulumi.Resource[] {
    return storageServices.flatMap((service) =>
      connectPrivately(name, { service, targetId: account.id, scope }, { parent: this }),
    );
  }

  private openTo(name: string, account: StorageAccount, { worker }: StorageArgs): pulumi.Resource[] {
    const grant = { scope: account.id, principalId: worker.principalId };
    return [
      // Without it the Functions host cannot load the package, nor hold the lease that keeps the timer single: nothing starts.
      assignRole(`${name}-blobs`, { ...grant, role: "storageBlobDataOwner" }, { parent: this }),
      // Without it no work is queued or taken; on the account, as the host makes the poison queue itself.
      assignRole(`${name}-queues`, { ...grant, role: "storageQueueDataContributor" }, { parent: this }),
      // Without it the worker can read and move no checkpoint; on the account, as the host keeps its own tables there.
      assignRole(`${name}-tables`, { ...grant, role: "storageTableDataContributor" }, { parent: this }),
    ];
  }
}

const withoutSlash = (url: string) => url.replace(/\/$/, "");
