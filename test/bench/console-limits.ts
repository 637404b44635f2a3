import { HttpClient } from "../../function-code/http.ts";
import { Pacer } from "../../function-code/pace.ts";
import { type RestRequest, SentinelOneClient } from "../../function-code/sentinelone/client.ts";
import { sentinelOneStreams } from "../../function-code/sentinelone/streams.ts";
import { RateLimits } from "../../local/vendors/sentinelone/api/rate-limits.ts";
import { TestClock } from "../function-code/support/test-clock.ts";

type Paced = Pick<RestRequest<unknown>, "path" | "requestsPerSecond" | "burst" | "pacedAs">;

/** What each stream asks for, and at which pace, by the stream's id: taken from the first request that it makes. */
export async function pacesOf(): Promise<ReadonlyMap<string, Paced>> {
  const clock = new TestClock();
  const caller = {
    requests: 0,
    retries: 0,
    signal: new AbortController().signal,
    beforeRequest: () => Promise.resolve(),
  };
  const paces = new Map<string, Paced>();
  for (const stream of sentinelOneStreams) {
    const client = new ListeningClient(clock);
    await stream
      .open(client, caller, clock)
      .read({ from: 0 })
      .catch((error: unknown) => {
        if (!client.heard) throw error;
      });
    if (client.heard) paces.set(stream.id, client.heard);
  }
  return paces;
}

/** Hears the first request, and answers none. */
class ListeningClient extends SentinelOneClient {
  heard: Paced | undefined;

  constructor(clock: TestClock) {
    const connection = {
      name: "bench",
      vendor: "sentinelone",
      url: "https://console.example",
      secretId: "",
      streams: [],
    } as const;
    super(connection, new HttpClient(), { read: () => Promise.resolve("") }, { clock, random: () => 0.5 });
  }

  override get<T>(request: RestRequest<T>): Promise<T> {
    this.heard ??= request;
    return Promise.reject(new Error("heard"));
  }

  override post<T>(request: RestRequest<T>): Promise<T> {
    return this.get(request);
  }
}

/** Epoch milliseconds, but for the length. */
interface PacedRun {
  readonly from: number;
  readonly length: number;
  readonly quietSince: number;
}

interface Request {
  readonly path: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Paces requests as the worker's processes do, each by itself, and holds them against the limits that a console sets to a token. */
export class ConsoleLimits {
  requests = 0;
  /** By path: requests that a console answered with 429. */
  readonly refused = new Map<string, number>();
  readonly #paces: ReadonlyMap<string, Paced>;
  readonly #limits = new RateLimits();
  /** Of each instance, console and path. */
  readonly #pacers = new Map<string, { readonly clock: TestClock; readonly pacer: Pacer }>();

  constructor(paces: ReadonlyMap<string, Paced>) {
    this.#paces = paces;
  }

  /** Requests of a run: as many as the pace lets through in so many milliseconds, by an instance that knows when others ended the run before. */
  *ask(instance: number, connection: string, stream: string, run: PacedRun): Generator<Request> {
    const { from, length, quietSince } = run;
    const paced = this.#paces.get(stream);
    if (!paced) throw new Error(`Nothing is known of the pace of ${stream}.`);
    const name = `${instance}|${connection}|${paced.pacedAs ?? paced.path}`;
    const known = this.#pacers.get(name) ?? pacerOf(paced, from);
    this.#pacers.set(name, known);
    known.clock.time = from;
    for (;;) {
      void known.pacer.turn({ quietSince });
      if (known.clock.time >= from + length) return;
      yield { path: paced.path, at: known.clock.time };
    }
  }

  count(connection: string, path: string, at: number): void {
    this.requests++;
    if (!this.#limits.take(connection, path, at)) this.refused.set(path, (this.refused.get(path) ?? 0) + 1);
  }
}

function pacerOf(pace: Paced, from: number) {
  const clock = new TestClock(from);
  return { clock, pacer: new Pacer(clock, pace) };
}
