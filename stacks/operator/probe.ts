import type { Connection } from "../../function-code/environment.ts";
import { asCollectionError } from "../../function-code/errors.ts";
import { HttpClient } from "../../function-code/http.ts";
import { redact } from "../../function-code/redact.ts";
import { sessions } from "../../function-code/sessions.ts";
import type { StreamStatus } from "../../function-code/state/entities.ts";
import { hour } from "../../function-code/timestamps.ts";
import type { OperatorAccess } from "./azure.ts";
import type { Deployment } from "./deployment.ts";
import { mask } from "./mask.ts";

/** What a feed answered to one request. Nothing of it is stored or sent on. */
export interface ProbeResult {
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
  readonly tokenExpiresAt: string | null;
  readonly error: string | null;
}

/** Asks every enabled feed of every connection once, as the worker would, with the connection's own token. */
export async function* probe({ connections }: Deployment, access: OperatorAccess): AsyncIterable<ProbeResult> {
  const find = sessions(connections, {
    clock: access.retries.clock,
    http: new HttpClient(),
    secrets: access.secrets,
    // One answer is what is asked for: also a refusal.
    retries: { ...access.retries, policy: { attempts: 2, firstWait: 500, longestWait: 2000, patience: 10_000 } },
  });
  for (const connection of connections) {
    for (const stream of connection.streams) yield await probeFeed(connection, stream, find);
  }
}

async function probeFeed(
  connection: Connection,
  name: string,
  find: ReturnType<typeof sessions>,
): Promise<ProbeResult> {
  const open = find({ connection: connection.name, stream: `${connection.vendor}-${name}` });
  const about = {
    connection: connection.name,
    stream: `${connection.vendor}/${name}`,
    permission: open?.stream.permission ?? "",
  };
  try {
    if (!open) throw new Error(`The worker of this version has no stream "${name}". Deploy again from this version.`);
    const feed = open.open({
      requests: 0,
      retries: 0,
      signal: new AbortController().signal,
      beforeRequest: () => Promise.resolve(),
    });
    const now = await feed.serverNow();
    const { records } = await feed.read({ from: now - 24 * hour });
    const first = records[0];
    return {
      ...about,
      status: records.length > 0 ? "ok" : "empty",
      records: records.length,
      sample: first ? mask(JSON.parse(redact(first.json).toString("utf8"))) : null,
      tokenExpiresAt: feed.tokenExpiresAt() ?? null,
      error: null,
    };
  } catch (error) {
    const { status, message } = asCollectionError(error);
    return { ...about, status, records: 0, sample: null, tokenExpiresAt: null, error: message };
  }
}
