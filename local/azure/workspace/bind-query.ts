import { createHash } from "node:crypto";
import { check } from "../../kql/engine.ts";
import type { KqlSchema } from "../../kql/schema.ts";
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

/** Queries that bound, with the schema that they bound in: the same content is deployed into many a workspace of one process. */
const bound = new Set<string>();

function bindQuery(store: WorkspaceStore, workspace: DeployedWorkspace, query: string): void {
  refuseAmbiguousAlias(query, workspace.functions);
  refuseBasicReadings(query, workspace);
  const schema = schemaOf(store, workspace, false);
  const key = `${fingerprintOf(schema)} ${query}`;
  if (bound.has(key)) return;
  check(query, schema);
  bound.add(key);
}

const fingerprints = new WeakMap<KqlSchema, string>();

function fingerprintOf(schema: KqlSchema): string {
  const known = fingerprints.get(schema);
  if (known !== undefined) return known;
  const tables = schema.tables.map(({ name, columns }) => [name, columns.map((column) => [column.name, column.type])]);
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([tables, schema.functions]))
    .digest("hex");
  fingerprints.set(schema, fingerprint);
  return fingerprint;
}
