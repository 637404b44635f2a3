import type { LocalCloud, StoragePlane, WorkspacePlane } from "../../../local/azure/cloud.ts";
import { type AzureEnvironment, azureEnvironments } from "../../../local/azure/environments.ts";
import { TokenAuthority } from "../../../local/azure/identity/tokens.ts";
import { createDeployed } from "../../../local/azure/resource-manager/deployed.ts";
import { createResourceState, type KeptState } from "../../../local/azure/resource-manager/state.ts";
import { KqlError } from "../../../local/kql/schema.ts";

export type FakeCloud = LocalCloud & { readonly state: KeptState; readonly calls: readonly string[] };

/** A cloud with a real resource manager, and data planes that note what is asked of them. */
export function fakeCloud(dataDir?: string, cloud?: AzureEnvironment["name"]): FakeCloud {
  const state = createResourceState(dataDir, cloud);
  const { tenantId, subscriptionId, operator } = state.directory;
  const environment = azureEnvironments[state.directory.environment];
  const calls: string[] = [];
  const note =
    (method: string) =>
    (...args: readonly unknown[]) => {
      calls.push([method, ...args.map((arg) => (typeof arg === "string" ? arg : JSON.stringify(arg)))].join(" "));
      return Promise.resolve();
    };
  const storage: StoragePlane = {
    ensureContainer: note("ensureContainer"),
    ensureQueue: note("ensureQueue"),
    ensureTable: note("ensureTable"),
    deleteContainer: note("deleteContainer"),
    deleteQueue: note("deleteQueue"),
    deleteTable: note("deleteTable"),
    deleteAccount: note("deleteAccount"),
  };
  const workspaces: WorkspacePlane = {
    ensureTable: note("ensureWorkspaceTable"),
    async bindQuery(workspace, query) {
      const own = [...workspace.tables.map(({ name }) => name), ...workspace.functions.map(({ alias }) => alias)];
      const known = [...own, "Operation"];
      const words = query.match(/\w+/g) ?? [];
      // No parser here: a query that names nothing of the workspace's or of Azure's is as far as it goes.
      if (!words.some((word) => known.includes(word)))
        throw new KqlError("semantic", `The name '${words[0] ?? ""}' does not refer to any known table`, 1, 1);
    },
    deleteTable: note("deleteWorkspaceTable"),
  };
  return {
    environment,
    tenantId,
    subscriptionId,
    operator,
    authority: new TokenAuthority(tenantId, Buffer.from("key"), environment),
    state,
    deployed: createDeployed(state, operator),
    storage,
    workspaces,
    calls,
  };
}
