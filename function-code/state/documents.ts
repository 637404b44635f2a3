import { gunzipSync, gzipSync } from "node:zlib";
import type { DocumentEntity } from "./entities.ts";
import type { Hash64 } from "./hash.ts";
import type { SentObjects } from "./objects.ts";
import { pack, unpack } from "./packed.ts";
import type { StateTable } from "./table.ts";

interface SentDocument {
  readonly content: string;
  readonly json: Buffer;
}

/** What was last sent of each object of an inventory, itself: for streams that tell what changed in it. One entity an object, compressed. */
export class Documents implements SentObjects {
  readonly #table: StateTable;
  readonly #partitionKey: string;
  /** Undefined where nothing was sent. */
  readonly #known = new Map<string, SentDocument | undefined>();
  readonly #changed = new Set<string>();

  constructor(table: StateTable, connection: string, stream: string) {
    this.#table = table;
    this.#partitionKey = `${connection}|${stream}`;
  }

  async load(ids: readonly Hash64[]): Promise<void> {
    const missing = [...new Set(ids.map(text))].filter((id) => !this.#known.has(id));
    await Promise.all(
      missing.map(async (id) => {
        const stored = await this.#table.get<DocumentEntity>(this.#partitionKey, id);
        this.#known.set(
          id,
          stored && { content: stored.entity.content, json: gunzipSync(unpack("document", stored.entity)) },
        );
      }),
    );
  }

  isKnown(id: Hash64, content: Hash64): boolean {
    return this.#known.get(text(id))?.content === text(content);
  }

  document(id: Hash64): Buffer | undefined {
    return this.#known.get(text(id))?.json;
  }

  set(id: Hash64, content: Hash64, json: Buffer): void {
    this.#known.set(text(id), { content: text(content), json });
    this.#changed.add(text(id));
  }

  /** Writes what changed since the last time. */
  async flush(): Promise<void> {
    const entities = [...this.#changed].flatMap((id) => {
      const known = this.#known.get(id);
      return known ? [this.#entity(id, known)] : [];
    });
    this.#changed.clear();
    if (entities.length > 0) await this.#table.write(entities);
  }

  #entity(id: string, { content, json }: SentDocument) {
    return { partitionKey: this.#partitionKey, rowKey: id, content, ...pack("document", gzipSync(json)) };
  }
}

/** 16 hexadecimal digits. */
const text = ({ high, low }: Hash64) => [high, low].map((half) => half.toString(16).padStart(8, "0")).join("");
