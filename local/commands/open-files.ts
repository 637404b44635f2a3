import { existsSync } from "node:fs";
import { join } from "node:path";
import { createDeployed } from "../azure/resource-manager/deployed.ts";
import { createResourceState } from "../azure/resource-manager/state.ts";
import { queryWorkspace } from "../azure/workspace/query.ts";
import { WorkspaceStore } from "../azure/workspace/store.ts";
import type { AskedWorkspace } from "./ask-workspace.ts";
import { UserError } from "./user-error.ts";

/** Opens the files of a local Azure that nobody runs. */
export async function openFiles(folder: string): Promise<AskedWorkspace> {
  if (!existsSync(join(folder, "workspace.duckdb"))) {
    throw new UserError(
      `There is no local workspace in ${folder}. Run \`npm start\` first, or name its folder with --data DIR.`,
    );
  }
  const state = createResourceState(folder);
  const [resource] = state.list("azure-native:operationalinsights:Workspace");
  const workspace = resource && createDeployed(state, state.directory.operator).workspaceById(resource.id);
  if (!workspace) throw new UserError(`No workspace is deployed in ${folder} yet. Run \`npm start\` first.`);
  const store = await WorkspaceStore.open(folder);
  return {
    ask: (query) => queryWorkspace(store, workspace, query),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
