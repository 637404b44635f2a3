import { emptyCheckpoint } from "../../function-code/state/checkpoints.ts";
import { runPass } from "../../local/commands/start/pass.ts";
import { Session } from "../../local/commands/start/session.ts";
import { streamSwitches } from "../../local/commands/start/stream-switches.ts";
import { changeAppSettings } from "../fixtures/app-settings.ts";
import { childWith, figuresOf, type ProcessFigures } from "./process-figures.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import type { SinkOptions } from "./sink.ts";

export interface WorkerOptions {
  /** Origin of the console. */
  readonly console: string;
  readonly token: string;
  /** Origin of an ingestion endpoint with a certificate of the authority in `caFolder`; absent: one of our own. */
  readonly sink?: string | undefined;
  /** Folder of the certificate authority that the worker trusts; absent: one that lives as long as the worker. */
  readonly caFolder?: string | undefined;
  /** Name of the SentinelOne stream. @default "activities" */
  readonly stream?: string | undefined;
  /** So many connections to the console, each with the stream. @default 1 */
  readonly connections?: number;
  /** How far back the first collection reaches. @default "24h" */
  readonly since?: string | undefined;
  /** Only these rows, by the stream's time: epoch milliseconds. */
  readonly window?: { readonly from: number; readonly to: number } | undefined;
  /** Where the worker leaves its processor profile. */
  readonly profile?: string | undefined;
}

/** What it took the worker's process to collect so many rows. */
export interface WorkerFigures extends ProcessFigures {
  readonly rows: number;
  readonly wallSeconds: number;
  readonly requests: number;
  /** JSON of the rows, before compression. */
  readonly bytesUploaded: number;
}

/** The deployed bundle in its own process, in a local Azure whose state tables, vault and identity are as always, with another ingestion endpoint. */
export class DeployedWorker implements AsyncDisposable {
  readonly #session: Session;
  readonly #window: WorkerOptions["window"];
  readonly #resources: AsyncDisposableStack;

  private constructor(session: Session, window: WorkerOptions["window"], resources: AsyncDisposableStack) {
    this.#session = session;
    this.#window = window;
    this.#resources = resources;
  }

  static async start(options: WorkerOptions): Promise<DeployedWorker> {
    const { console: url, token, stream = "activities", connections = 1, since, caFolder, profile } = options;
    await using started = new AsyncDisposableStack();
    const streams = streamSwitches("sentinelone", [`sentinelone-${stream}`]);
    const session = started.use(
      await Session.start({
        stack: "local",
        timers: "manual",
        ...(caFolder !== undefined && { caFolder }),
        ...(since !== undefined && { settings: { since } }),
        connections: Array.from({ length: connections }, (_, i) => ({
          name: `bench-${i}`,
          vendor: "sentinelone" as const,
          url,
          apiToken: token,
          streams,
        })),
        onError: (message, error) => process.stderr.write(`${message}: ${String(error)}\n`),
      }),
    );
    await session.evaluation;
    if (session.targets.length !== connections) throw new Error(`There is no SentinelOne stream "${stream}".`);
    const sink = options.sink ?? started.use(await startSink(session)).url;
    changeAppSettings(session, {
      INGESTION_ENDPOINT: sink,
      ...(profile !== undefined && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` }),
    });
    await session.azure.functions.whenIdle();
    return new DeployedWorker(session, options.window, started.move());
  }

  /** Collects until the stream has caught up. */
  async collect(): Promise<WorkerFigures> {
    if (this.#window) await this.#plan(this.#window);
    const startedAt = performance.now();
    const { streams } = await runPass(this.#session);
    const wallSeconds = (performance.now() - startedAt) / 1000;
    const sum = (of: (stream: (typeof streams)[number]) => number) =>
      streams.reduce((total, stream) => total + of(stream), 0);
    const failed = streams.find(({ status }) => status !== "ok" && status !== "empty");
    if (failed) throw new Error(`The stream ended as ${failed.status}: ${failed.error}`);
    return {
      rows: sum(({ uploaded }) => uploaded),
      wallSeconds,
      ...figuresOf(childWith("worker-shim.cjs")),
      requests: sum(({ requests }) => requests),
      bytesUploaded: sum(({ bytes }) => bytes),
    };
  }

  /** Seconds that the runs themselves took, the longest of them: without what the queue adds. */
  async runSeconds(): Promise<number> {
    const standings = [...(await this.#session.standings()).values()];
    return Math.max(...standings.map(({ durationMs }) => durationMs)) / 1000;
  }

  /** Leaves each stream as a run leaves it that was stopped right at the window's beginning. */
  async #plan({ from, to }: { readonly from: number; readonly to: number }): Promise<void> {
    const [start, end] = [from * 1000, to * 1000];
    const walk = { startedAt: end, sweep: false, completeUntil: end, windows: [{ from: start, to: end }] };
    for (const { connection, streamId } of this.#session.targets) {
      await this.#session.checkpoints.write(
        {
          ...emptyCheckpoint(connection, streamId),
          firstFrom: new Date(from).toISOString(),
          progress: JSON.stringify(walk),
        },
        undefined,
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

async function startSink(session: Session): Promise<ServerProcess> {
  const { certificate, key } = await session.azure.front.ca.issue(["127.0.0.1"]);
  return await startServer("sink.ts", { certificate, key } satisfies SinkOptions);
}
