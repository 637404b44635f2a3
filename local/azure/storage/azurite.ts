import { once } from "node:events";
import { createRequire, Module } from "node:module";
import type { AddressInfo, Server, Socket } from "node:net";
import { join } from "node:path";

/** The three services of a storage account, by the label in their host names. */
export const storageServices = ["blob", "queue", "table"] as const;
export type StorageService = (typeof storageServices)[number];

/** Loopback ports of a running Azurite. */
export type StoragePorts = Readonly<Record<StorageService, number>>;

export interface Azurite {
  readonly ports: StoragePorts;
  /** Why the last attempt to save failed; undefined while all is well. What is written meanwhile is only in memory. */
  fault(): string | undefined;
  /** Saves what is kept in files, then stops. */
  close(): Promise<void>;
}

/** What is used of Azurite's servers. They are not a declared API: this file alone knows their paths and members. */
interface AzuriteServer {
  readonly httpServer: Server;
  readonly accountDataStore: { getAccount(name: string): { name: string; key1: Buffer } };
  readonly metadataStore: LokiStore;
  readonly extentMetadataStore?: LokiStore;
  start(): Promise<void>;
  close(): Promise<void>;
}
/** Azurite keeps its state in LokiJS, which writes a whole file at every interval in which something has changed. */
interface LokiStore {
  readonly db: {
    /** Milliseconds. */
    autosaveInterval: number;
    readonly collections: { dirty: boolean }[];
    readonly persistenceAdapter: LokiAdapter | null;
    autosaveDisable(): void;
    autosaveEnable(): void;
  };
}
interface LokiAdapter {
  saveDatabase(file: string, text: string, done: (error?: Error | null) => void): void;
}
type Constructor<T> = new (...args: unknown[]) => T;

const secondsOfKeepAlive = 3600;
const require = createRequire(import.meta.url);

function load<T>(path: string): Constructor<T> {
  leaveOut("applicationinsights", "axios");
  return (require(`azurite/dist/src/${path}.js`) as { default: Constructor<T> }).default;
}

/**
 * Azurite loads its telemetry client, off or on, and that takes twice as long as all the rest; its HTTP client, with which blobs are copied from
 * elsewhere, a quarter of that rest. Nobody uses either here, and each gets an empty module instead.
 */
function leaveOut(...modules: readonly string[]): void {
  const from = createRequire(require.resolve("azurite"));
  for (const name of modules) {
    const filename = from.resolve(name);
    require.cache[filename] ??= Object.assign(new Module(filename), { filename, loaded: true });
  }
}

/** Starts Azurite's blob, queue and table servers in this process; in memory unless a folder is given. */
export async function startAzurite(folder?: string): Promise<Azurite> {
  const servers = {
    blob: createServer("blob", folder),
    queue: createServer("queue", folder),
    table: createTableServer(folder),
  };
  const faults = new Map<LokiStore, string>();
  for (const server of Object.values(servers)) {
    acceptEveryCaller(server);
    for (const store of [server.metadataStore, server.extentMetadataStore]) {
      // What is kept in memory only would be serialised all the same.
      if (folder === undefined) store?.db.autosaveDisable();
      else if (store) watchSaving(store, faults);
    }
  }
  await Promise.all(Object.values(servers).map((server) => server.start()));
  return {
    ports: { blob: portOf(servers.blob), queue: portOf(servers.queue), table: portOf(servers.table) },
    fault: () => faults.values().next().value,
    close: async () => {
      // Azurite reports itself closed before its sockets are: the port must be free when this returns.
      const closed = Object.values(servers).map((server) => once(server.httpServer, "close"));
      await Promise.all(Object.values(servers).map((server) => server.close()));
      await Promise.all(closed);
    },
  };
}

function createServer(service: "blob" | "queue", folder: string | undefined): AzuriteServer {
  const name = service === "blob" ? "Blob" : "Queue";
  const extents = [
    { locationId: "Default", locationPath: join(folder ?? "", `${service}-extents`), maxConcurrency: 50 },
  ];
  const configuration = new (load<object>(`${service}/${name}Configuration`))(
    "127.0.0.1",
    0,
    secondsOfKeepAlive,
    join(folder ?? "", `${service}.json`),
    join(folder ?? "", `${service}-extents.json`),
    extents,
    ...commonOptions(folder),
  );
  return new (load<AzuriteServer>(`${service}/${name}Server`))(configuration);
}

function createTableServer(folder: string | undefined): AzuriteServer {
  const configuration = new (load<object>("table/TableConfiguration"))(
    "127.0.0.1",
    0,
    secondsOfKeepAlive,
    join(folder ?? "", "table.json"),
    ...commonOptions(folder),
  );
  return new (load<AzuriteServer>("table/TableServer"))(configuration);
}

/** The configurations' common tail: no logs, lenient about newer API versions than Azurite knows, Entra tokens. */
function commonOptions(folder: string | undefined): unknown[] {
  const logs = [false, false, false, undefined];
  const [loose, skipApiVersionCheck] = [false, true];
  const [certificate, key, password, oauth, noHostNames] = ["", "", "", "basic", false];
  const inMemory = folder === undefined;
  return [...logs, loose, skipApiVersionCheck, certificate, key, password, oauth, noHostNames, inMemory];
}

/**
 * Azurite knows accounts from its environment at start and takes tokens over TLS only. Who may do what, and which accounts exist, is
 * decided by the plane in front of it, which ends TLS too; so behind it every account exists and the loopback hop counts as secure.
 */
function acceptEveryCaller(server: AzuriteServer): void {
  const key1 = Buffer.from("the plane in front of Azurite never signs with keys");
  server.accountDataStore.getAccount = (name) => ({ name, key1 });
  server.httpServer.on("connection", (socket: Socket & { encrypted?: boolean }) => {
    socket.encrypted = true;
  });
}

/** LokiJS takes a state that it could not write for saved. Here it stays unsaved, is tried again, and the fault is known. */
function watchSaving(store: LokiStore, faults: Map<LokiStore, string>): void {
  const { db } = store;
  const adapter = db.persistenceAdapter;
  if (!adapter) return;
  // Azurite's five seconds would be lost with a killed storage process.
  db.autosaveInterval = 1000;
  db.autosaveDisable();
  db.autosaveEnable();
  const save = adapter.saveDatabase.bind(adapter);
  adapter.saveDatabase = (file, text, done) => {
    save(file, text, (error) => {
      if (error) {
        faults.set(store, error.message.replace(/^Error: /, ""));
        for (const collection of db.collections) collection.dirty = true;
      } else {
        faults.delete(store);
      }
      done(error);
    });
  };
}

function portOf(server: AzuriteServer): number {
  return (server.httpServer.address() as AddressInfo).port;
}
