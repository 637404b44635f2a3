import type { StoragePlane } from "../cloud.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import type { StorageService } from "./azurite.ts";
import type { AzuriteClient } from "./azurite-client.ts";

/** Tables answer in Atom, which Azurite lacks, unless asked for JSON; the other services do not look. */
const json = { accept: "application/json;odata=nometadata" };

/** Containers, queues and tables as the resource manager makes and removes them: without roles, and content when they exist already. */
export function createStorageResources(azurite: AzuriteClient): StoragePlane {
  const create = async (service: StorageService, account: string, name: string) => {
    const table = service === "table";
    const { status, body } = await azurite.ask(
      service,
      account,
      table ? "POST" : "PUT",
      table ? "/Tables" : childPath(service, name),
      table ? { ...json, "content-type": "application/json" } : {},
      table ? JSON.stringify({ TableName: name }) : undefined,
    );
    if (status !== 409 && status >= 300) throw refused("create", service, account, name, status, body);
  };
  const remove = async (service: StorageService, account: string, name: string) => {
    const { status, body } = await azurite.ask(service, account, "DELETE", childPath(service, name), json);
    if (status !== 404 && status >= 300) throw refused("delete", service, account, name, status, body);
  };
  return {
    ensureContainer: (account, name) => create("blob", account, name),
    ensureQueue: (account, name) => create("queue", account, name),
    ensureTable: (account, name) => create("table", account, name),
    deleteContainer: (account, name) => remove("blob", account, name),
    deleteQueue: (account, name) => remove("queue", account, name),
    deleteTable: (account, name) => remove("table", account, name),
    deleteAccount: async (account) => {
      for (const service of ["blob", "queue", "table"] as const) {
        for (const name of await list(azurite, service, account)) await remove(service, account, name);
      }
    },
  };
}

function childPath(service: StorageService, name: string): string {
  if (service === "table") return `/Tables('${encodeURIComponent(name)}')`;
  return `/${encodeURIComponent(name)}${service === "blob" ? "?restype=container" : ""}`;
}

/** Names of an account's containers, queues or tables; Azurite lists up to 5,000 at once, far more than anyone deploys. */
async function list(azurite: AzuriteClient, service: StorageService, account: string): Promise<string[]> {
  const table = service === "table";
  const { status, body } = await azurite.ask(service, account, "GET", table ? "/Tables" : "/?comp=list", json);
  if (status !== 200) throw refused("list", service, account, "*", status, body);
  if (table) return (JSON.parse(body) as { value: { TableName: string }[] }).value.map(({ TableName }) => TableName);
  return [...body.matchAll(/<Name>([^<]*)<\/Name>/g)].map(([, name = ""]) => name);
}

function refused(
  action: string,
  service: StorageService,
  account: string,
  name: string,
  status: number,
  body: string,
): AzureError {
  const code = /<Code>([^<]+)<\/Code>|"code":\s*"([^"]+)"/.exec(body)?.slice(1).find(Boolean) ?? "StorageError";
  return new AzureError(
    status,
    code,
    `Storage account ${account} refused to ${action} ${service} ${name} (${status} ${code}).`,
  );
}
