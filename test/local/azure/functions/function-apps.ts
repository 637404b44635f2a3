import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import type { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueueClient } from "@azure/storage-queue";
import type { DeployedSite, Principal } from "../../../../local/azure/cloud.ts";
import type { FunctionLog } from "../../../../local/azure/functions/function-app.ts";
import type { FunctionsHost } from "../../../../local/azure/functions/host.ts";
import { principalCredential } from "../../../../local/azure/identity/credential.ts";
import { CertificateAuthority, certificateFile } from "../../../../local/azure/network/ca.ts";
import { type Fault, type Front, startFront } from "../../../../local/azure/network/front.ts";
import { frontAgent } from "../../../../local/azure/network/front-agent.ts";
import { builtInRoles } from "../../../../local/azure/resource-manager/roles.ts";
import { type AppService, startAppService } from "../../../../local/azure/scm/app-service.ts";
import { type Storage, startStorage } from "../../../../local/azure/storage/storage.ts";
import { AppsCloud } from "../apps-cloud.ts";

/** App Service with one function app that has no code yet: storage, identity, roles and settings are as a deployment leaves them. */
export class FunctionApps implements AsyncDisposable {
  readonly cloud: AppsCloud;
  /** The app's identity. */
  readonly principal: Principal;
  readonly site: DeployedSite;
  readonly front: Front;
  readonly logs: FunctionLog[] = [];
  readonly folder: string;
  readonly #storage: Storage;
  readonly #options: Options;
  /** For clients of this process. */
  readonly agent: Agent;
  #service: AppService | undefined;

  private constructor(front: Front, storage: Storage, folder: string, cloud: AppsCloud, options: Options) {
    this.front = front;
    this.agent = frontAgent(front);
    this.#storage = storage;
    this.#options = options;
    this.folder = folder;
    this.cloud = cloud;
    this.principal = cloud.newPrincipal();
    this.site = siteOf(cloud.group, this.principal);
  }

  static async start(options: Options = {}): Promise<FunctionApps> {
    const folder = await mkdtemp(join(tmpdir(), "function-apps-"));
    await symlink(join(import.meta.dirname, "../../../../node_modules"), join(folder, "node_modules"));
    const ca = await CertificateAuthority.open(folder);
    const front = await startFront({ ca, ...(options.fault && { fault: options.fault }) });
    const cloud = new AppsCloud();
    const storage = await startStorage();
    const apps = new FunctionApps(front, storage, folder, cloud, options);
    front.mount(storage.plane(cloud, cloud.authority));
    await apps.#deployResources();
    await apps.startService();
    return apps;
  }

  async #deployResources(): Promise<void> {
    const { cloud, principal, site } = this;
    const account = {
      id: `${cloud.group}/providers/Microsoft.Storage/storageAccounts/stfunctions`,
      name: "stfunctions",
    };
    cloud.accounts.push(account);
    cloud.grant(principal, builtInRoles.storageBlobDataOwner, account.id);
    cloud.grant(principal, builtInRoles.storageQueueDataContributor, account.id);
    cloud.grant(cloud.operator, builtInRoles.storageQueueDataContributor, cloud.group);
    cloud.grant(cloud.operator, builtInRoles.owner, cloud.group);
    const identityId = `${cloud.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-test`;
    cloud.resources.push(
      {
        id: site.id,
        type: "azure-native:web:WebApp",
        inputs: {
          functionAppConfig: {
            deployment: {
              storage: {
                type: "blobContainer",
                value: "https://stfunctions.blob.core.windows.net/packages",
                authentication: { type: "UserAssignedIdentity", userAssignedIdentityResourceId: identityId },
              },
            },
          },
        },
        outputs: {},
      },
      {
        id: identityId,
        type: "azure-native:managedidentity:UserAssignedIdentity",
        inputs: {},
        outputs: { ...principal },
      },
    );
    cloud.putSite(site);
    await this.#storage.resources.ensureQueue(account.name, "work");
    await this.#storage.resources.ensureContainer(account.name, "packages");
  }

  /** Starts App Service, again after `stopService`. */
  async startService(): Promise<void> {
    this.#service = await startAppService(this.cloud, {
      authority: this.cloud.authority,
      front: this.front,
      caFile: certificateFile(this.folder),
      folder: join(this.folder, "sites"),
      timers: this.#options.timers ?? "manual",
      held: this.#options.held ?? false,
    });
    this.host.onLog((entry) => this.logs.push(entry));
  }

  async stopService(graceMilliseconds = 0): Promise<void> {
    await this.#service?.close(graceMilliseconds);
    this.#service = undefined;
  }

  get service(): AppService {
    if (!this.#service) throw new Error("App Service is stopped.");
    return this.#service;
  }

  get host(): FunctionsHost {
    return this.service.host;
  }

  /** Deploys a package with this entry, a CommonJS module in which `app` and `output` are the Functions library's. */
  async deploy(main: string, files: PackageFiles = {}, site = this.site): Promise<void> {
    await this.host.deploy(site, await this.unpackedPackage(main, files));
  }

  async unpackedPackage(main: string, { hostJson = {}, packageJson = {} }: PackageFiles = {}): Promise<string> {
    const folder = join(this.folder, randomUUID());
    await mkdir(folder);
    await writeFile(join(folder, "host.json"), JSON.stringify({ version: "2.0", extensionBundle, ...hostJson }));
    await writeFile(join(folder, "package.json"), JSON.stringify({ main: "main.js", ...packageJson }));
    await writeFile(join(folder, "main.js"), `const { app, output } = require("@azure/functions");\n${main}`);
    return folder;
  }

  /** The queue as the operator sees it. */
  queue(name: string): QueueClient {
    const options = { agent: this.agent, retryOptions: { maxTries: 1 } };
    const credential = principalCredential(this.cloud.authority, this.cloud.operator);
    return new QueueClient(`https://stfunctions.queue.core.windows.net/${name}`, credential, options);
  }

  /** Puts messages on a queue as any client of Functions does. */
  async send(name: string, ...messages: readonly unknown[]): Promise<void> {
    for (const message of messages)
      await this.queue(name).sendMessage(Buffer.from(JSON.stringify(message)).toString("base64"));
  }

  /** What functions logged with this prefix, without it. */
  logged(prefix: string): readonly string[] {
    return this.logs.flatMap(({ message }) => (message.startsWith(prefix) ? [message.slice(prefix.length)] : []));
  }

  /** Resolves when a function has logged this. */
  async until(message: string): Promise<void> {
    if (this.logs.some((entry) => entry.message === message)) return;
    await new Promise<void>((resolve) => {
      const stop = this.host.onLog((entry) => {
        if (entry.message !== message) return;
        stop();
        resolve();
      });
    });
  }

  /** Stops the app and forgets its messages and logs, for the next test. */
  async reset(): Promise<void> {
    await this.stopService();
    await this.queue("work").clearMessages();
    await this.queue("work-poison").deleteIfExists();
    this.logs.length = 0;
    await this.startService();
  }

  async [Symbol.asyncDispose]() {
    await this.stopService();
    this.agent.destroy();
    await this.front.close();
    await this.#storage.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What differs from a good package's files. */
interface PackageFiles {
  readonly hostJson?: object;
  readonly packageJson?: object;
}

interface Options {
  readonly fault?: Fault;
  /** @default "manual" */
  readonly timers?: "scheduled" | "manual";
  /** @default false */
  readonly held?: boolean;
}

export const extensionBundle = { id: "Microsoft.Azure.Functions.ExtensionBundle", version: "[4.*, 5.0.0)" };

function siteOf(group: string, { clientId }: Principal): DeployedSite {
  const identity = (connection: string) => ({
    [`${connection}__credential`]: "managedidentity",
    [`${connection}__clientId`]: clientId,
  });
  return {
    id: `${group}/providers/Microsoft.Web/sites/func-test`,
    name: "func-test",
    scmHost: "func-test.scm.azurewebsites.net",
    appSettings: {
      AzureWebJobsStorage__accountName: "stfunctions",
      ...identity("AzureWebJobsStorage"),
      WorkQueue__queueServiceUri: "https://stfunctions.queue.core.windows.net",
      ...identity("WorkQueue"),
      WORK_QUEUE: "work",
    },
    identities: [clientId],
    runtime: { name: "node", version: "24" },
  };
}
