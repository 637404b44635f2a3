import type { Connection } from "../../function-code/environment.ts";
import { asCollectionError } from "../../function-code/errors.ts";
import type { HttpClient } from "../../function-code/http.ts";
import { redact } from "../../function-code/redact.ts";
import type { RetryContext } from "../../function-code/retry.ts";
import type { Secrets } from "../../function-code/secrets.ts";
import { sessions } from "../../function-code/sessions.ts";
import type { StreamStatus } from "../../function-code/state/entities.ts";
import { hour } from "../../function-code/timestamps.ts";
import type { Caller } from "../../function-code/vendor-http.ts";
import type { OperatorAccess } from "./azure.ts";
import type { Deployment } from "./deployment.ts";
import { mask } from "./mask.ts";
import { askToken, type TokenStanding } from "./token.ts";
import { type Exchange, WitnessClient } from "./witness.ts";

/** What a feed answered to one request. Nothing of it is stored or sent on. */
export interface FeedProbe {
  readonly connection: string;
  /** `<vendor>/<stream>`. */
  readonly stream: string;
  readonly status: StreamStatus;
  /** What the token's role needs for this feed. */
  readonly permission: string;
  /** Records on the first page of the last day. */
  readonly records: number;
  /** The first of them, its values masked. */
  readonly sample: unknown;
  /** Valence: what the profile's guess asked and what came back, by names alone. */
  readonly exchange: Exchange | null;
  readonly error: string | null;
}

/** Of each connection its token, then its feeds, one by one. */
export type ProbeResult =
  | { readonly kind: "token"; readonly token: TokenStanding }
  | { readonly kind: "feed"; readonly feed: FeedProbe };

/** With what consoles are asked. */
export interface ProbeMeans {
  readonly http: HttpClient;
  readonly secrets: Secrets;
  readonly retries: RetryContext;
}

/** Asks every enabled feed of every connection once, as the worker would, with the connection's own token. */
export async function* probe(
  { connections }: Pick<Deployment, "connections">,
  { secrets, retries: { clock, random } }: Pick<OperatorAccess, "secrets" | "retries">,
): AsyncIterable<ProbeResult> {
  const http = new WitnessClient();
  // One answer is what is asked for: also a refusal.
  const policy = { attempts: 2, firstWait: 500, longestWait: 2000, patience: 10_000, enough: 10_000 };
  const means = { http, secrets, retries: { clock, random, policy } };
  const find = sessions(connections, { ...means, clock });
  for (const connection of connections) {
    yield { kind: "token", token: await askToken(connection, means, caller()) };
    for (const stream of connection.streams) {
      http.last = undefined;
      const feed = await probeFeed(connection, stream, find);
      const exchange = connection.vendor === "valence" ? (http.last ?? null) : null;
      yield { kind: "feed", feed: { ...feed, exchange } };
    }
  }
}

const caller = (): Caller => ({
  requests: 0,
  retries: 0,
  signal: new AbortController().signal,
  beforeRequest: () => Promise.resolve(),
});

async function probeFeed(
  connection: Connection,
  name: string,
  find: ReturnType<typeof sessions>,
): Promise<Omit<FeedProbe, "exchange">> {
  const open = find({ connection: connection.name, stream: `${connection.vendor}-${name}` });
  const about = {
    connection: connection.name,
    stream: `${connection.vendor}/${name}`,
    permission: open?.stream.permission ?? "",
  };
  try {
    if (!open) throw new Error(`The worker of this version has no stream "${name}". Deploy again from this version.`);
    const feed = open.open(caller());
    const now = await feed.serverNow();
    const { records } = await feed.read({ from: now - 24 * hour });
    const first = records[0];
    return {
      ...about,
      status: records.length > 0 ? "ok" : "empty",
      records: records.length,
      sample: first ? mask(JSON.parse(redact(first.json).toString("utf8"))) : null,
      error: null,
    };
  } catch (error) {
    const { status, message } = asCollectionError(error);
    return { ...about, status, records: 0, sample: null, error: message };
  }
}
