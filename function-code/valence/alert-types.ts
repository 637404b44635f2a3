import type { Clock } from "../clock.ts";
import type { Caller } from "../vendor-http.ts";
import type { ValenceClient } from "./client.ts";
import { parseLossless } from "./lossless.ts";

/** How long the list is used before it is read again, in milliseconds: a type's severity can be edited. */
const keepFor = 3600_000;
/** An alert of an unknown type makes the list be read again, but no more often than this. */
const againAfter = 60_000;

/** The tenant's alert types by id, read when the first alert asks for one. */
export class AlertTypes {
  readonly #client: ValenceClient;
  readonly #clock: Clock;
  #types: Promise<Map<string, unknown>> | undefined;
  #readAt = 0;

  constructor(client: ValenceClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** The type; only its id where Valence does not list it. */
  async find(vuid: string, caller: Caller): Promise<unknown> {
    const age = this.#clock.now() - this.#readAt;
    if (!this.#types || age > keepFor) this.#read(caller);
    const found = (await this.#types)?.get(vuid);
    if (found === undefined && age > againAfter) {
      this.#read(caller);
      return (await this.#types)?.get(vuid) ?? { vuid };
    }
    return found ?? { vuid };
  }

  #read(caller: Caller): void {
    this.#readAt = this.#clock.now();
    const reading = this.#readAll(caller);
    this.#types = reading;
    // A failure is the asking run's; the next one asks again.
    reading.catch(() => {
      if (this.#types === reading) this.#types = undefined;
    });
  }

  async #readAll(caller: Caller): Promise<Map<string, unknown>> {
    const types = new Map<string, unknown>();
    const asked = new Set<string>();
    let continuation: string | undefined;
    do {
      const page = await this.#client.list({
        feed: "alert types",
        path: this.#client.profile.paths.alertTypes,
        continuation,
        caller,
      });
      for (const item of page.items) {
        const type = parseLossless(item.toString("utf8")) as { vuid?: unknown };
        if (typeof type.vuid === "string") types.set(type.vuid, type);
      }
      continuation = page.continuation !== undefined && asked.has(page.continuation) ? undefined : page.continuation;
      if (continuation !== undefined) asked.add(continuation);
    } while (continuation !== undefined);
    return types;
  }
}
