import { check } from "../../kql/engine.ts";
import type { DeployedWorkspace, WorkspacePlane } from "../cloud.ts";
import { refuseAmbiguousAlias } from "./ambiguous-alias.ts";
import { refuseBasicReadings } from "./basic-tables.ts";
import { schemaOf } from "./query.ts";
import type { WorkspaceStore } from "./store.ts";

/** What the resource manager may ask of the workspaces that this store keeps. A query is bound in a lull: dozens of rules take their seconds. */
export function createWorkspacePlane(store: WorkspaceStore, lull: () => Promise<void>): WorkspacePlane {
  return {
    ensureTable: (workspaceId, table) => store.ensureTable(workspaceId, table),
    deleteTable: (workspaceId, name) => store.deleteTable(workspaceId, name),
    async bindQuery(workspace, query) {
      await lull();
      bindQuery(store, workspace, query);
    },
  };
}

function bindQuery(store: WorkspaceStore, workspace: DeployedWorkspace, query: string): void {
  refuseAmbiguousAlias(query, workspace.functions);
  refuseBasicReadings(query, workspace);
  check(query, schemaOf(store, workspace, false));
}
