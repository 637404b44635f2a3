import type { Clock } from "./clock.ts";
import type { OpenStream } from "./context.ts";
import type { Connection } from "./environment.ts";
import type { HttpClient } from "./http.ts";
import type { RetryContext } from "./retry.ts";
import type { Secrets } from "./secrets.ts";
import { SentinelOneClient } from "./sentinelone/client.ts";
import { sentinelOneStreams } from "./sentinelone/streams.ts";
import type { CollectMessage } from "./state/entities.ts";
import { AlertTypes } from "./valence/alert-types.ts";
import { ValenceClient } from "./valence/client.ts";
import { readProfile, type ValenceProfile } from "./valence/profile.ts";
import { valenceStreams } from "./valence/streams.ts";

export interface SessionOptions {
  readonly clock: Clock;
  readonly http: HttpClient;
  readonly secrets: Secrets;
  readonly retries: RetryContext;
}

/**
 * Finds the stream that a message names. Clients live as long as the process, one per connection, so that its streams share what is known
 * of the console: connections that are open, its clock, when its token ends.
 */
export function sessions(
  connections: readonly Connection[],
  options: SessionOptions,
): (message: CollectMessage) => OpenStream | undefined {
  const clients = new Map<string, readonly OpenStream[]>();
  return ({ connection: name, stream: id }) => {
    const connection = connections.find((candidate) => candidate.name === name);
    if (!connection) return undefined;
    let open = clients.get(name);
    if (!open) {
      open = connection.vendor === "sentinelone" ? openConsole(connection, options) : openTenant(connection, options);
      clients.set(name, open);
    }
    return open.find(({ stream }) => stream.id === id && connection.streams.includes(stream.name));
  };
}

function openConsole(connection: Connection, { http, secrets, retries, clock }: SessionOptions): OpenStream[] {
  const client = once(() => new SentinelOneClient(connection, http, secrets, retries));
  return sentinelOneStreams.map((stream) => ({
    stream,
    connection,
    open: (caller) => stream.open(client(), caller, clock),
  }));
}

function openTenant(connection: Connection, { http, secrets, retries, clock }: SessionOptions): OpenStream[] {
  const profile = profileOf(connection);
  const client = once(() => new ValenceClient(connection, profile.read(), http, secrets, retries));
  const types = once(() => new AlertTypes(client(), clock));
  return valenceStreams(profile.assumed).map((stream) => ({
    stream,
    connection,
    open: (caller) => stream.open(client(), { alertType: (vuid) => types().find(vuid, caller) }, caller),
  }));
}

/** A wrong profile is reported by the runs of its streams, which need some profile to exist. */
function profileOf({ name, profile }: Connection): { readonly assumed: ValenceProfile; read(): ValenceProfile } {
  try {
    const assumed = readProfile(name, profile);
    return { assumed, read: () => assumed };
  } catch (error) {
    const read = () => {
      throw error;
    };
    return { assumed: readProfile(name), read };
  }
}

/** Made at the first call; a failure is thrown there, where a run can report it, and at every further call. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
