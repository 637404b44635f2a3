import { CollectionError } from "../errors.ts";
import type { Feed, Page, PageRequest, SourceRecord, Stream } from "../stream.ts";
import { fromMillis, hour, type Micros, parseIso } from "../timestamps.ts";
import type { Caller } from "../vendor-http.ts";
import type { ListPage, ValenceClient } from "./client.ts";
import { parseLossless } from "./lossless.ts";
import type { ValenceProfile } from "./profile.ts";

/** A list of Valence's API, as its file declares it. */
export interface ValenceStreamDeclaration {
  readonly name: string;
  readonly path: (profile: ValenceProfile) => string;
  /** Member that holds the row's time, in seconds since 1970. */
  readonly time: string;
  readonly sweep?: Stream["sweep"];
  /** Reads one item; made anew for each window. */
  readonly reader: () => ItemReader;
}

interface ItemReader {
  /** A list begins anew, not where the page before it ended. */
  restart(): void;
  /** Names this version of the item. */
  key(item: Item, time: Micros): string;
  /** What is uploaded, in Valence's own push schema. */
  row(item: Item, key: string, lookUp: LookUp): object | Promise<object>;
}

type Item = Readonly<Record<string, unknown>>;

/** Finds another object of the tenant. */
interface LookUp {
  readonly alertType: (vuid: string) => Promise<unknown>;
}

export interface ValenceStream extends Stream {
  open(client: ValenceClient, lookUp: LookUp, caller: Caller): Feed;
}

export function valenceStream(declaration: ValenceStreamDeclaration): (profile: ValenceProfile) => ValenceStream {
  return (profile) => ({
    id: `valence-${declaration.name}`,
    vendor: "valence",
    name: declaration.name,
    permission: "role Admin",
    paging: isOrdered(profile) ? "key" : "cursor",
    ordered: isOrdered(profile),
    inventory: false,
    ...(declaration.sweep && { sweep: declaration.sweep }),
    open: (client, lookUp, caller) => new ValenceFeed(declaration, client, lookUp, caller),
  });
}

/** Without order, or without a filter to start in the middle, the only way is to follow the list to its end. */
const isOrdered = ({ order, parameters }: ValenceProfile) => order === "ascending" && parameters.from !== "";

class ValenceFeed implements Feed {
  readonly #declaration: ValenceStreamDeclaration;
  readonly #client: ValenceClient;
  readonly #reader: ItemReader;
  readonly #lookUp: LookUp;
  readonly #caller: Caller;

  constructor(declaration: ValenceStreamDeclaration, client: ValenceClient, lookUp: LookUp, caller: Caller) {
    this.#declaration = declaration;
    this.#client = client;
    this.#reader = declaration.reader();
    this.#lookUp = lookUp;
    this.#caller = caller;
  }

  async serverNow(): Promise<Micros> {
    // Any answer tells the time; this is the smallest.
    if (!this.#client.knowsServerTime) await this.#list({ from: this.#client.serverNow() - hour }, 1);
    return this.#client.serverNow();
  }

  async read(request: PageRequest): Promise<Page> {
    if (request.continuation === undefined) this.#reader.restart();
    const { items, continuation } = await this.#list(request);
    const records = this.#records(items).filter(({ time }) => time >= request.from || isOrdered(this.#client.profile));
    return { records, ...(continuation !== undefined && { continuation }) };
  }

  row(json: Buffer, record: SourceRecord): object | Promise<object> {
    return this.#row(parseLossless(json.toString("utf8")) as Item, record.key);
  }

  async #row(item: Item, key: string): Promise<object> {
    return { ...(await this.#reader.row(item, key, this.#lookUp)), Connection: this.#client.connection.name };
  }

  #list({ from, to, continuation }: PageRequest, limit?: number): Promise<ListPage> {
    return this.#client.list({
      feed: this.#declaration.name,
      path: this.#declaration.path(this.#client.profile),
      from,
      to,
      continuation,
      ...(limit !== undefined && { limit }),
      caller: this.#caller,
    });
  }

  #records(items: readonly Buffer[]): SourceRecord[] {
    const parsed = items.map((json) => parseLossless(json.toString("utf8")) as Item);
    const times = parsed.map((item) => readTime(item[this.#declaration.time]));
    if (times.length > 0 && times.every((time) => time === undefined)) {
      const { name, time } = this.#declaration;
      const text = `valence "${this.#client.connection.name}": no row on a page of "${name}" has a time in "${time}" that can be read. Nothing is skipped; the stream stops here until the connector knows the format. Please report it with this line.`;
      throw new CollectionError("failing", "timestamps", text);
    }
    let latest = times.find((time) => time !== undefined) ?? 0;
    return items.map((json, i) => {
      latest = times[i] ?? latest;
      return { json, time: latest, key: this.#reader.key(parsed[i] as Item, latest) };
    });
  }
}

/** Seconds, milliseconds where the number is too large for that, or ISO text. */
function readTime(value: unknown): Micros | undefined {
  if (typeof value === "string") return parseIso(value);
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  return fromMillis(value > 1e11 ? value : value * 1000);
}
