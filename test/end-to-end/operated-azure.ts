import { type ChildProcess, execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { TableClient, type TransactionAction } from "@azure/data-tables";
import { stateTables, type WindowEntity } from "../../function-code/state/entities.ts";
import { principalCredential } from "../../local/azure/identity/credential.ts";
import { frontAgent } from "../../local/azure/network/front-agent.ts";
import { DataFolder } from "../../local/commands/data-folder.ts";
import { insideEnvironment } from "../../stacks/operator/target.ts";
import { localAzure, type TestAzure, type TestAzureOptions } from "../fixtures/local-azure.ts";

const entry = join(import.meta.dirname, "..", "..", "stacks", "operator", "connector.ts");

/** What a command said, and its exit code. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running local Azure that `npm run connector` finds by its data folder. */
export class OperatedAzure implements AsyncDisposable {
  readonly azure: TestAzure;
  readonly folder: string;
  readonly #resources: AsyncDisposableStack;
  readonly #table: (name: string) => TableClient;
  readonly #terminal: ChildProcess;
  readonly #terminalEnd: Promise<unknown>;

  private constructor(azure: TestAzure, folder: string, resources: AsyncDisposableStack) {
    this.azure = azure;
    this.folder = folder;
    this.#resources = resources;
    const { azure: local, outputs } = azure.session;
    const agent = frontAgent(local.front);
    resources.defer(() => agent.destroy());
    const credential = principalCredential(local.authority, local.cloud.operator);
    this.#table = (name) => new TableClient(outputs.stateTableEndpoint, name, credential, { agent });
    this.#terminal = fork(join(import.meta.dirname, "operator-child.ts"), { env: insideEnvironment(folder) });
    this.#terminalEnd = once(this.#terminal, "exit");
    resources.defer(async () => {
      this.#terminal.kill();
      await this.#terminalEnd;
    });
  }

  static async start(options: TestAzureOptions): Promise<OperatedAzure> {
    await using started = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), "operator-"));
    started.defer(() => rmSync(folder, { recursive: true }));
    const held = started.use(DataFolder.hold(folder));
    const azure = started.use(await localAzure(options));
    held.publish(azure.session.forOperators);
    return new OperatedAzure(azure, folder, started.move());
  }

  /** Runs `npm run connector -- …` on it, in the one process of all such commands: starting another takes longer than what most of them do. */
  async connector(command: string, ...options: readonly string[]): Promise<Answer> {
    this.#terminal.send([command, "--data", this.folder, ...options]);
    const answer = once(this.#terminal, "message") as Promise<[Answer]>;
    const [said] = await Promise.race([
      answer,
      this.#terminalEnd.then(() => Promise.reject(new Error(`${command} ended its process`))),
    ]);
    return said;
  }

  /** The same as a user does, in a process of its own, which starts another one. */
  connectorProcess(command: string, ...options: readonly string[]): Promise<Answer> {
    return new Promise((resolve) => {
      execFile(process.execPath, [entry, command, "--data", this.folder, ...options], (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
      });
    });
  }

  /** Lets the worker collect a stream as `schedule` would, until something is over: a killed worker's messages are not waited for. */
  async workUntil<T>(stream: string, end: Promise<T>): Promise<T> {
    const targets = this.azure.session.targets.filter(({ streamId }) => streamId === stream);
    const isOver = { yet: false };
    const over = () => {
      isOver.yet = true;
    };
    end.then(over, over);
    while (!isOver.yet) {
      await this.azure.session.request(targets);
      await Promise.race([end, setTimeout(500)]);
    }
    return end;
  }

  /** Resolves when no window is open any more. */
  async windowsRead(): Promise<void> {
    const windows = this.#table(stateTables.windows);
    for (;;) {
      let open = 0;
      for await (const { doneAt } of windows.listEntities<Pick<WindowEntity, "doneAt">>()) {
        if (doneAt === undefined) open++;
      }
      if (open === 0) return;
      await setTimeout(100);
    }
  }

  /** The worker is dead for certain; nobody need wait for its lease to run out. */
  async freeLeases(): Promise<void> {
    const { checkpoints } = this.azure.session;
    for await (const { entity, etag } of checkpoints.all()) {
      const { leaseOwner: _, leaseUntil: __, ...free } = entity;
      await checkpoints.write(free, etag);
    }
  }

  /** Puts what was delivered of the one stream that was collected to where replays no longer wait for it to be seen. */
  async acknowledgedAt(acknowledgedAt: string): Promise<void> {
    const ledger = this.#table(stateTables.ledger);
    const changes: TransactionAction[] = [];
    for await (const { partitionKey = "", rowKey = "" } of ledger.listEntities()) {
      changes.push(["update", { partitionKey, rowKey, acknowledgedAt }, "Merge"]);
    }
    // As many as a transaction takes.
    for (let i = 0; i < changes.length; i += 100) await ledger.submitTransaction(changes.slice(i, i + 100));
  }

  /** Changes a table behind everybody's back. */
  async alter(table: string, statement: (relation: string) => string): Promise<void> {
    const { azure, outputs } = this.azure.session;
    const workspace = azure.cloud.deployed.workspace(outputs.workspaceId);
    const relation = azure.store.layout(workspace?.id ?? "", table)?.relation ?? "";
    await azure.store.write((database) => database.run(statement(relation)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}
