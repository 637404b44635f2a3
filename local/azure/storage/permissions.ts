import type { StorageService } from "./azurite.ts";

/**
 * Which data role a storage request needs, and where. Sources: Azure docs, "Azure built-in roles: Storage" (role ids and data
 * actions), "Authorize with Microsoft Entra ID" of the Blob, Queue and Table REST APIs ("Permissions for … service operations").
 */
export interface Permission {
  /** Data action by its last words in the role definitions, e.g. `messages/process/action`. */
  readonly action: string;
  /** Where the action happens, below the account's resource id: empty for the account itself. */
  readonly scope: string;
  /** Definition ids of the roles that grant it. */
  readonly roles: readonly string[];
}

const role = {
  blobOwner: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
  blobContributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  blobReader: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
  queueContributor: "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
  queueReader: "19e7f393-937e-4f77-808e-94535e297925",
  messageProcessor: "8a0f0c08-91a1-4084-bc3d-661d67233fed",
  messageSender: "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
  tableContributor: "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
  tableReader: "76199698-9eea-4c19-bc75-cec21354c6b6",
} as const;

const blobReaders = [role.blobOwner, role.blobContributor, role.blobReader];
const blobWriters = [role.blobOwner, role.blobContributor];
const tableReaders = [role.tableContributor, role.tableReader];

const grants = {
  "containers/read": blobReaders,
  "containers/write": blobWriters,
  "containers/delete": blobWriters,
  "containers/acl": [role.blobOwner],
  "blobs/read": blobReaders,
  "blobs/write": blobWriters,
  "blobs/delete": blobWriters,
  "blobs/tags": [role.blobOwner],
  "queues/read": [role.queueContributor, role.queueReader],
  "queues/write": [role.queueContributor],
  "queues/delete": [role.queueContributor],
  "messages/read": [role.queueContributor, role.queueReader, role.messageProcessor],
  "messages/process/action": [role.queueContributor, role.messageProcessor],
  "messages/add/action": [role.queueContributor, role.messageSender],
  "messages/write": [role.queueContributor],
  "messages/delete": [role.queueContributor],
  "tables/read": tableReaders,
  "tables/write": [role.tableContributor],
  "tables/delete": [role.tableContributor],
  "entities/read": tableReaders,
  "entities/write": [role.tableContributor],
  "entities/delete": [role.tableContributor],
  // Properties of a service belong to the resource manager: no data role grants them.
  service: [],
} as const satisfies Record<string, readonly string[]>;
type Action = keyof typeof grants;

const parents = {
  blob: "/blobServices/default/containers/",
  queue: "/queueServices/default/queues/",
  table: "/tableServices/default/tables/",
};

/** What a single request to the blob, queue or table service needs. A table transaction needs `transactionPermissions`. */
export function requestPermission(service: StorageService, method: string, url: URL): Permission {
  const segments = url.pathname
    .split("/")
    .filter((segment) => segment !== "")
    .map(decodeURIComponent);
  const query = url.searchParams;
  if (query.get("restype") === "service" || query.get("restype") === "account") return permission(service, "service");
  if (service === "blob") return blobPermission(method, segments, query);
  if (service === "queue") return queuePermission(method, segments, query);
  return tablePermission(method, segments);
}

/** What the changes in a table transaction need, from its multipart body. */
export function transactionPermissions(body: string): readonly Permission[] {
  const changes = [...body.matchAll(/^(GET|POST|PUT|MERGE|PATCH|DELETE) (\S+) HTTP\/1\.1\r?$/gim)];
  // What cannot be read must not pass unchecked.
  if (changes.length === 0) return [permission("table", "entities/write")];
  return changes.map(([, method = "", address = ""]) =>
    requestPermission("table", method.toUpperCase(), new URL(address, "https://table")),
  );
}

function permission(service: StorageService, action: Action, child?: string): Permission {
  return { action, scope: child === undefined ? "" : parents[service] + child, roles: grants[action] };
}

function blobPermission(method: string, segments: readonly string[], query: URLSearchParams): Permission {
  const [container] = segments;
  const operation = query.get("comp");
  if (container === undefined) return permission("blob", operation === "batch" ? "blobs/delete" : "containers/read");
  const reads = method === "GET" || method === "HEAD";
  if (query.get("restype") === "container") {
    if (operation === "list") return permission("blob", "blobs/read", container);
    if (operation === "batch") return permission("blob", "blobs/delete", container);
    if (operation === "acl") return permission("blob", "containers/acl", container);
    return permission(
      "blob",
      reads ? "containers/read" : method === "DELETE" ? "containers/delete" : "containers/write",
      container,
    );
  }
  if (operation === "tags") return permission("blob", "blobs/tags", container);
  if (reads || operation === "query") return permission("blob", "blobs/read", container);
  return permission("blob", method === "DELETE" ? "blobs/delete" : "blobs/write", container);
}

function queuePermission(method: string, segments: readonly string[], query: URLSearchParams): Permission {
  const [queue, messages, message] = segments;
  if (queue === undefined) return permission("queue", "queues/read");
  if (messages === undefined) {
    const action =
      method === "GET" || method === "HEAD" ? "queues/read" : method === "DELETE" ? "queues/delete" : "queues/write";
    return permission("queue", action, queue);
  }
  if (message !== undefined)
    return permission("queue", method === "DELETE" ? "messages/process/action" : "messages/write", queue);
  if (method === "POST") return permission("queue", "messages/add/action", queue);
  if (method === "DELETE") return permission("queue", "messages/delete", queue);
  return permission("queue", query.get("peekonly") === "true" ? "messages/read" : "messages/process/action", queue);
}

function tablePermission(method: string, segments: readonly string[]): Permission {
  const resource = segments.join("/");
  const named = /^Tables\('([^']*)'\)$/.exec(resource)?.[1];
  if (named !== undefined) return permission("table", method === "DELETE" ? "tables/delete" : "tables/read", named);
  if (resource === "Tables") return permission("table", method === "POST" ? "tables/write" : "tables/read");
  const table = resource.split("(", 1)[0] ?? "";
  if (method === "GET" || method === "HEAD") return permission("table", "entities/read", table);
  return permission("table", method === "DELETE" ? "entities/delete" : "entities/write", table);
}
