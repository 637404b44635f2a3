import { mkdirSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { prepareConnection } from "../../kql/engine.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import { isDiskFault } from "./disk-fault.ts";

/** Bytes of log after which its content is moved into the database file. */
const checkpointBytes = 16 * 1024 * 1024;

/** One DuckDB database: one writer, any number of readers, and nothing lost when the disk is full. */
export class Database {
  readonly #path: string | undefined;
  #instance: DuckDBInstance;
  #writer: DuckDBConnection;
  #idle: DuckDBConnection[] = [];
  /** The end of the last change: changes are made one after the other, reading goes on meanwhile. */
  #turns: Promise<unknown> = Promise.resolve();

  private constructor(path: string | undefined, instance: DuckDBInstance, writer: DuckDBConnection) {
    this.#path = path;
    this.#instance = instance;
    this.#writer = writer;
  }

  /** Opens the file, or an empty database in memory. Throws a clear error if another process holds the file. */
  static async open(path: string | undefined): Promise<Database> {
    if (path !== undefined) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const instance = await openInstance(path);
    return new Database(path, instance, await connect(instance));
  }

  /** Runs `work` after all earlier changes. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(work);
    this.#turns = turn.catch(() => {});
    return turn;
  }

  /**
   * Runs `work` in one transaction; to be called in turn. When this returns, everything is on disk; when it throws, nothing is.
   * Throws `AzureError` 503 if the disk takes no more.
   */
  async transaction<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    try {
      await this.#writer.run("BEGIN");
      const result = await work(this.#writer);
      await this.#writer.run("COMMIT");
      await this.#checkpoint();
      return result;
    } catch (error) {
      // After a commit that failed there is nothing left to roll back.
      await this.#writer.run("ROLLBACK").catch(() => {});
      if (isInvalidated(error as Error)) await this.#reopen();
      throw diskFault(error as Error);
    }
  }

  /** Lends a connection for reading, prepared for translated KQL. */
  async read<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const instance = this.#instance;
    const connection = this.#idle.pop() ?? (await connect(instance));
    try {
      return await work(connection);
    } finally {
      if (instance === this.#instance) this.#idle.push(connection);
      else connection.closeSync();
    }
  }

  async close(): Promise<void> {
    await this.#turns;
    this.#disconnect();
  }

  /**
   * Moves the log into the database file. DuckDB's own way of doing that, at a commit, invalidates the whole database when the disk is
   * full; so it is done here, and only where there is room for it. What stays in the log is as safe as before.
   */
  async #checkpoint(): Promise<void> {
    if (this.#path === undefined) return;
    const logged = statSync(`${this.#path}.wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (logged < checkpointBytes) return;
    const { bavail, bsize } = statfsSync(this.#path);
    if (bavail * bsize < 2 * logged) return;
    await this.#writer.run("CHECKPOINT").catch((error: Error) => (isInvalidated(error) ? this.#reopen() : undefined));
  }

  /** Starts anew from the files; they are as the last commit left them. */
  async #reopen(): Promise<void> {
    this.#disconnect();
    this.#instance = await openInstance(this.#path);
    this.#writer = await connect(this.#instance);
  }

  #disconnect(): void {
    for (const connection of [this.#writer, ...this.#idle]) connection.closeSync();
    this.#idle = [];
    this.#instance.closeSync();
  }
}

async function connect(instance: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await instance.connect();
  await prepareConnection(connection);
  return connection;
}

async function openInstance(path: string | undefined): Promise<DuckDBInstance> {
  // Spilling beside the current folder, which is DuckDB's default in memory, would surprise whoever runs a test.
  if (path === undefined) return DuckDBInstance.create(":memory:", { temp_directory: "" });
  try {
    return await DuckDBInstance.create(path, { wal_autocheckpoint: "1TB" });
  } catch (cause) {
    const { message } = cause as Error;
    const holder = /PID (\d+)/.exec(message)?.[1];
    if (holder === undefined) throw new Error(`The workspace ${path} cannot be opened: ${message}`, { cause });
    throw new Error(`The workspace ${path} is in use by process ${holder}. End it, or use another data folder.`, {
      cause,
    });
  }
}

function isInvalidated(error: Error): boolean {
  return error.message.startsWith("FATAL Error");
}

/** What DuckDB says when the disk takes no more, as an answer; any other error as it is. */
function diskFault(error: Error): Error {
  if (!isDiskFault(error)) return error;
  return new AzureError(
    503,
    "ServiceUnavailable",
    `The workspace could not be written, and nothing of this request was stored: ${error.message}`,
  );
}
