import { collect } from "../../../function-code/collect.ts";
import type { CollectContext } from "../../../function-code/context.ts";
import type { CollectionSettings, Connection } from "../../../function-code/environment.ts";
import { HttpClient, type HttpLimits, standardLimits } from "../../../function-code/http.ts";
import type { RetryContext } from "../../../function-code/retry.ts";
import { schedule } from "../../../function-code/schedule.ts";
import type { Secrets } from "../../../function-code/secrets.ts";
import { sessions } from "../../../function-code/sessions.ts";
import { Checkpoints } from "../../../function-code/state/checkpoints.ts";
import type { CheckpointEntity, CollectMessage } from "../../../function-code/state/entities.ts";
import { Ledger } from "../../../function-code/state/ledger.ts";
import { Windows } from "../../../function-code/state/windows.ts";
import type { Uploader, UploadOptions } from "../../../function-code/upload.ts";
import { MemoryTable } from "./memory-table.ts";
import { TestClock } from "./test-clock.ts";

export const standardSettings: CollectionSettings = {
  sinceHours: 24,
  holdBackSeconds: 120,
  overlapSeconds: 600,
  ledgerDays: 8,
  snapshotHours: 6,
  idleMinutes: 5,
};

/** What Azure has stored, in the order of arrival. */
export class Sink implements Uploader {
  readonly rows = new Map<string, Record<string, unknown>[]>();
  /** All that was uploaded, as it was written. */
  json = "";
  /** May throw, before or after the rows are kept. */
  onUpload: ((stream: string, keep: () => void) => void | Promise<void>) | undefined;

  async upload(stream: string, rows: Uint8Array, options: UploadOptions): Promise<void> {
    const json = Buffer.from(rows).toString("utf8");
    const uploaded = JSON.parse(json) as Record<string, unknown>[];
    this.json += json;
    await options.beforeEach?.();
    const keep = () => {
      this.rows.set(stream, [...this.of(stream), ...uploaded]);
    };
    if (this.onUpload) await this.onUpload(stream, keep);
    else keep();
  }

  of(stream: string): Record<string, unknown>[] {
    return this.rows.get(stream) ?? [];
  }

  records(stream: string): Record<string, unknown>[] {
    return this.of(stream).map((row) => JSON.parse(row["Record"] as string) as Record<string, unknown>);
  }
}

export interface TestWorkerOptions {
  readonly connections: readonly Connection[];
  readonly clock?: TestClock;
  readonly settings?: Partial<CollectionSettings>;
  readonly limits?: Partial<HttpLimits>;
  readonly secrets?: Secrets;
}

/** The worker with real parts inside, and around it tables in memory, a sink and a clock of the test's own. */
export class TestWorker implements AsyncDisposable {
  readonly clock: TestClock;
  readonly sink = new Sink();
  readonly tables = {
    checkpoints: new MemoryTable(),
    ledger: new MemoryTable(),
    objects: new MemoryTable(),
    windows: new MemoryTable(),
  };
  readonly logged: string[] = [];
  readonly #http: HttpClient;
  readonly context: CollectContext;
  readonly #connections: readonly Connection[];
  readonly #newSessions: () => CollectContext["find"];
  #runs = 0;

  constructor({ connections, clock = new TestClock(), settings, limits, secrets }: TestWorkerOptions) {
    this.clock = clock;
    this.#connections = connections;
    this.#http = new HttpClient({ ...standardLimits, ...limits });
    const retries: RetryContext = { clock, random: () => 0.5 };
    const known = secrets ?? { read: () => Promise.resolve("token-of-the-test") };
    this.#newSessions = () => sessions(connections, { clock, http: this.#http, secrets: known, retries });
    this.context = {
      clock,
      checkpoints: new Checkpoints(this.tables.checkpoints),
      ledger: new Ledger(this.tables.ledger),
      objects: this.tables.objects,
      windows: new Windows(this.tables.windows),
      uploader: this.sink,
      settings: { ...standardSettings, ...settings },
      bundleVersion: "test",
      stopping: new AbortController().signal,
      find: this.#newSessions(),
      log: (level, message) => this.logged.push(`${level}: ${message}`),
    };
  }

  /** One run of one stream; returns its checkpoint afterwards. */
  async collect(connection: string, stream: string, changes: Partial<CollectContext> = {}): Promise<CheckpointEntity> {
    await collect({ connection, stream }, `run${++this.#runs}`, { ...this.context, ...changes });
    return await this.checkpoint(connection, stream);
  }

  /** For `collect`: a run in another process of the app, which shares the tables and nothing else. */
  elsewhere(): Pick<CollectContext, "find"> {
    return { find: this.#newSessions() };
  }

  async checkpoint(connection: string, stream: string): Promise<CheckpointEntity> {
    const stored = await this.context.checkpoints.read(connection, stream);
    if (!stored) throw new Error(`no checkpoint of ${connection}/${stream}`);
    return stored.entity;
  }

  schedule(): Promise<CollectMessage[]> {
    return schedule(this.#connections, `schedule${++this.#runs}`, this.context);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#http.close();
    return Promise.resolve();
  }
}
