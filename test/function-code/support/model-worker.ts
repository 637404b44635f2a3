import { collect } from "../../../function-code/collect.ts";
import type { CollectContext } from "../../../function-code/context.ts";
import { Checkpoints } from "../../../function-code/state/checkpoints.ts";
import type { CheckpointEntity } from "../../../function-code/state/entities.ts";
import { hash64 } from "../../../function-code/state/hash.ts";
import { hourNumber, Ledger } from "../../../function-code/state/ledger.ts";
import { Windows } from "../../../function-code/state/windows.ts";
import type { Feed } from "../../../function-code/stream.ts";
import { MemoryTable } from "./memory-table.ts";
import type { ModelSource } from "./model-source.ts";
import { Killed, Mortality } from "./mortal.ts";
import type { TestClock } from "./test-clock.ts";
import { Sink, standardSettings } from "./test-worker.ts";

/** The worker against a `ModelSource`; each run may die. */
export class ModelWorker {
  readonly sink = new Sink();
  readonly checkpoints = new MemoryTable();
  readonly ledger = new MemoryTable();
  readonly objects = new MemoryTable();
  readonly windows = new MemoryTable();
  readonly logged: string[] = [];
  readonly #clock: TestClock;
  readonly #source: ModelSource;
  #runs = 0;

  constructor(clock: TestClock, source: ModelSource) {
    this.#clock = clock;
    this.#source = source;
  }

  async run(mortality = new Mortality(), changes: Partial<CollectContext> = {}): Promise<void> {
    const context: CollectContext = {
      clock: this.#clock,
      checkpoints: new Checkpoints(mortality.table(this.checkpoints)),
      ledger: new Ledger(mortality.table(this.ledger)),
      objects: mortality.table(this.objects),
      windows: new Windows(mortality.table(this.windows)),
      uploader: mortality.uploader(this.sink),
      settings: standardSettings,
      bundleVersion: "test",
      find: this.find({}, mortality),
      log: (level, message) => this.logged.push(`${level}: ${message}`),
      stopping: new AbortController().signal,
      ...changes,
    };
    try {
      await collect({ connection: "c", stream: "sentinelone-model" }, `run${++this.#runs}`, context);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }

  /** How the stream is found; of its feed, what is given is otherwise. */
  find(otherwise: Partial<Feed>, mortality = new Mortality()): CollectContext["find"] {
    return () => ({
      stream: this.#source.stream,
      connection: { name: "c", vendor: "sentinelone", url: "https://c.example", secretId: "", streams: ["model"] },
      open: () => mortality.feed({ ...this.#source.feed(), ...otherwise }),
    });
  }

  async checkpoint(): Promise<CheckpointEntity> {
    const stored = await this.checkpoints.get<CheckpointEntity>("c", "sentinelone-model");
    if (!stored) throw new Error("there is no checkpoint");
    return stored.entity;
  }

  /** Keys in the order of their arrival. */
  delivered(): string[] {
    return this.sink.of("sentinelone-model").map((row) => row["Key"] as string);
  }

  /** What Azure has that the ledger does not know of: the batches that were in flight when the process died. */
  async inFlight(): Promise<Set<string>> {
    const ledger = new Ledger(this.ledger);
    const unknown = new Set<string>();
    for (const key of new Set(this.delivered())) {
      const known = await ledger.read("c", "sentinelone-model", hourNumber(Number(key.split("|")[1])));
      if (!known.has(hash64(key))) unknown.add(key);
    }
    return unknown;
  }
}
