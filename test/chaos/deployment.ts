import type { Agent } from "node:https";
import { TableClient } from "@azure/data-tables";
import { SecretClient } from "@azure/keyvault-secrets";
import { readSettings, type StreamRoutes, type WorkerSettings } from "../../function-code/environment.ts";
import { type CheckpointEntity, stateTables } from "../../function-code/state/entities.ts";
import { readCatalog } from "../../kql/catalog.ts";
import { principalCredential } from "../../local/azure/identity/credential.ts";
import { type LocalAzure, startLocalAzure } from "../../local/azure/local-azure.ts";
import { frontAgent } from "../../local/azure/network/front-agent.ts";
import { queryWorkspace } from "../../local/azure/workspace/query.ts";
import { deployStack } from "../../local/commands/deploy-stack.ts";
import { readStackConfig } from "../../local/commands/stack-config.ts";
import { Door } from "./azure-network.ts";

export interface DeploymentOptions {
  /** Keeps the local Azure's data; absent: in memory. */
  readonly dataDir?: string;
  /** The token in stack config, which every run replaces in the vault. */
  readonly apiToken?: string;
}

/** The stack, deployed once for many runs into a local Azure. Its app is not started: the runs are its workers. */
export class Deployment implements AsyncDisposable {
  readonly door: Door;
  readonly agent: Agent;
  /** As the stack set them; the connections are the runs' own. */
  readonly settings: WorkerSettings;
  readonly routes: StreamRoutes;
  readonly #azure: LocalAzure;
  readonly #secrets: SecretClient;
  readonly #checkpoints: TableClient;
  readonly #workspaceId: string;

  private constructor(azure: LocalAzure, door: Door, workspaceId: string) {
    this.#azure = azure;
    this.door = door;
    this.agent = frontAgent(azure.front);
    const [site] = azure.cloud.deployed.sites();
    if (!site) throw new Error("The stack has deployed no app.");
    this.settings = readSettings(site.appSettings);
    this.routes = Object.fromEntries(
      readCatalog().map(({ id, stream, vendor, rule, table }) => [id, { stream, rule: `${vendor}-${rule}`, table }]),
    );
    this.#workspaceId = workspaceId;
    const operator = principalCredential(azure.authority, azure.cloud.operator);
    // The clients take an agent, though their options do not declare it.
    const options = { agent: this.agent };
    this.#secrets = new SecretClient(new URL(this.secretId).origin, operator, options);
    this.#checkpoints = new TableClient(this.settings.tableEndpoint, stateTables.checkpoints, operator, options);
  }

  static async start({ dataDir, apiToken = "replaced by every run" }: DeploymentOptions = {}): Promise<Deployment> {
    const door = new Door();
    const azure = await startLocalAzure({
      ...(dataDir !== undefined && { dataDir }),
      timers: "manual",
      fault: () => door.take(),
      onError: (message, error) => console.error(message, error),
    });
    try {
      const connections = [{ name: "chaos", vendor: "sentinelone", url: "http://127.0.0.1:9", apiToken }];
      // Nobody asks rules, queries and workbooks here.
      const settings = { connections, content: { enabled: "off" } };
      const { outputs } = await deployStack(azure, "local", readStackConfig("local", settings, ["connections"]));
      return new Deployment(azure, door, outputs["workspaceId"] as string);
    } catch (error) {
      await azure.close();
      throw error;
    }
  }

  /** The one secret, in the stack's own vault, that holds the runs' token. */
  get secretId(): string {
    const [connection] = this.settings.connections;
    if (!connection) throw new Error("The stack has no connection.");
    return connection.secretId;
  }

  /** The worker's own identity, with the roles that the stack gave it and no others. */
  credential() {
    const { deployed } = this.#azure.cloud;
    const principal = deployed.principal(this.settings.clientId);
    if (!principal) throw new Error("The stack has deployed no identity.");
    return principalCredential(this.#azure.authority, principal);
  }

  async setSecret(value: string): Promise<void> {
    const name = new URL(this.secretId).pathname.split("/")[2] ?? "";
    await this.#secrets.setSecret(name, value);
  }

  async query(kql: string): Promise<readonly Record<string, unknown>[]> {
    const workspace = this.#azure.cloud.deployed.workspace(this.#workspaceId);
    if (!workspace) throw new Error("The workspace is gone.");
    const { columns, rows } = await queryWorkspace(this.#azure.store, workspace, kql);
    return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
  }

  async checkpoint(connection: string, stream: string): Promise<Partial<CheckpointEntity>> {
    return await this.#checkpoints.getEntity<CheckpointEntity>(connection, stream).catch(() => ({}));
  }

  /** Takes a run's streams out of the sight of the runs that follow. */
  async forget(connections: readonly string[]): Promise<void> {
    const filter = connections.map((name) => `PartitionKey eq '${name}'`).join(" or ");
    for await (const { partitionKey = "", rowKey = "" } of this.#checkpoints.listEntities({ queryOptions: { filter } }))
      await this.#checkpoints.deleteEntity(partitionKey, rowKey);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.agent.destroy();
    await this.#azure.close();
  }
}
