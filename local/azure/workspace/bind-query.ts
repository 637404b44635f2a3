import { check } from "../../kql/engine.ts";
import type { DeployedWorkspace, WorkspacePlane } from "../cloud.ts";
import { refuseAmbiguousAlias } from "./ambiguous-alias.ts";
import { refuseBasicReadings } from "./basic-tables.ts";
import { schemaOf } from "./query.ts";
import type { WorkspaceStore } from "./store.ts";

/** What the resource manager may ask of the workspaces that this store keeps. */
export function createWorkspacePlane(store: WorkspaceStore): WorkspacePlane {
  return {
    ensureTable: (workspaceId, table) => store.ensureTable(workspaceId, table),
    deleteTable: (workspaceId, name) => store.deleteTable(workspaceId, name),
    bindQuery: (workspace, query) => bindQuery(store, workspace, query),
  };
}

function bindQuery(store: WorkspaceStore, workspace: DeployedWorkspace, query: string): void {
  refuseAmbiguousAlias(query, workspace.functions);
  refuseBasicReadings(query, workspace);
  check(query, schemaOf(store, workspace, false));
}
