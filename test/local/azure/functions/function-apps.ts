import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import type { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueueClient } from "@azure/storage-queue";
import type { DeployedSite, Principal } from "../../../../local/azure/cloud.ts";
import type { FunctionLog } from "../../../../local/azure/functions/function-app.ts";
import { createFunctionsHost, type FunctionsHost } from "../../../../local/azure/functions/host.ts";
import { principalCredential } from "../../../../local/azure/identity/credential.ts";
import {
  type ManagedIdentityEndpoint,
  startManagedIdentity,
} from "../../../../local/azure/identity/managed-identity.ts";
import { CertificateAuthority, certificateFile } from "../../../../local/azure/network/ca.ts";
import { type Fault, type Front, startFront } from "../../../../local/azure/network/front.ts";
import { frontAgent } from "../../../../local/azure/network/front-agent.ts";
import { builtInRoles } from "../../../../local/azure/resource-manager/roles.ts";
import { type Storage, startStorage } from "../../../../local/azure/storage/storage.ts";
import { AppsCloud } from "../apps-cloud.ts";

/** A function app without code: its storage, identity, roles and settings are as a deployment leaves them. */
export class FunctionApps implements AsyncDisposable {
  readonly cloud: AppsCloud;
  /** The app's identity. */
  readonly principal: Principal;
  readonly site: DeployedSite;
  readonly host: FunctionsHost;
  readonly front: Front;
  readonly identity: ManagedIdentityEndpoint;
  readonly logs: FunctionLog[] = [];
  readonly folder: string;
  readonly #storage: Storage;
  readonly #agent: Agent;

  private constructor(
    parts: Pick<FunctionApps, "cloud" | "principal" | "site" | "host" | "front" | "identity" | "folder">,
    storage: Storage,
  ) {
    this.cloud = parts.cloud;
    this.principal = parts.principal;
    this.site = parts.site;
    this.host = parts.host;
    this.front = parts.front;
    this.identity = parts.identity;
    this.folder = parts.folder;
    this.#storage = storage;
    this.#agent = frontAgent(parts.front);
    this.host.onLog((entry) => this.logs.push(entry));
  }

  static async start(options: { fault?: Fault; timers?: "scheduled" | "manual" } = {}): Promise<FunctionApps> {
    const folder = await mkdtemp(join(tmpdir(), "function-apps-"));
    const cloud = new AppsCloud();
    const account = {
      id: `${cloud.group}/providers/Microsoft.Storage/storageAccounts/stfunctions`,
      name: "stfunctions",
    };
    cloud.accounts.push(account);
    const principal = cloud.newPrincipal();
    cloud.grant(principal, builtInRoles.storageBlobDataOwner, account.id);
    cloud.grant(principal, builtInRoles.storageQueueDataContributor, account.id);
    cloud.grant(cloud.operator, builtInRoles.storageQueueDataContributor, cloud.group);
    const site = siteOf(cloud.group, principal);
    cloud.putSite(site);
    const storage = await startStorage();
    await storage.resources.ensureQueue(account.name, "work");
    const front = await startFront({
      ca: await CertificateAuthority.open(folder),
      planes: [storage.plane(cloud, cloud.authority)],
      ...(options.fault && { fault: options.fault }),
    });
    const identity = await startManagedIdentity(cloud, cloud.authority);
    const host = createFunctionsHost(cloud, {
      authority: cloud.authority,
      identity,
      front,
      caFile: certificateFile(folder),
      timers: options.timers ?? "manual",
    });
    return new FunctionApps({ cloud, principal, site, host, front, identity, folder }, storage);
  }

  /** Deploys a package with this entry, a CommonJS module in which `app` is the Functions library. */
  async deploy(main: string, { hostJson = {}, packageJson = {} }: { hostJson?: object; packageJson?: object } = {}) {
    const folder = join(this.folder, randomUUID());
    await mkdir(folder);
    await symlink(join(import.meta.dirname, "../../../../node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "host.json"), JSON.stringify({ version: "2.0", extensionBundle, ...hostJson }));
    await writeFile(join(folder, "package.json"), JSON.stringify({ main: "main.js", ...packageJson }));
    await writeFile(join(folder, "main.js"), `const { app, output } = require("@azure/functions");\n${main}`);
    await this.host.deploy(this.site, folder);
  }

  /** The queue as the operator sees it. */
  queue(name: string): QueueClient {
    const options = { agent: this.#agent, retryOptions: { maxTries: 1 } };
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

  async [Symbol.asyncDispose]() {
    await this.host.stop(0);
    this.#agent.destroy();
    await this.identity.close();
    await this.front.close();
    await this.#storage.close();
    await rm(this.folder, { recursive: true, force: true });
  }
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
