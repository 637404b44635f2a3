import type { ObjectsEntity } from "./entities.ts";
import { asBigInt, type Hash64 } from "./hash.ts";
import { pack, unpack } from "./packed.ts";
import type { StateTable } from "./table.ts";

const pairSize = 16;
const shardCount = 256;
/** Up to this many shards are asked for one by one. */
const fewShards = 8;

/** What was last sent of each object of an inventory. Ids and contents are told by their hashes. */
export interface SentObjects {
  /** Makes these objects known. */
  load(ids: readonly Hash64[]): Promise<void>;
  /** True where the object was last sent with this content. It is loaded. */
  isKnown(id: Hash64, content: Hash64): boolean;
  /** What was sent of the object, by stores that keep it. It is loaded. */
  document?(id: Hash64): Buffer | undefined;
  set(id: Hash64, content: Hash64, json: Buffer): void;
  /** Writes what changed since the last time. */
  flush(): Promise<void>;
}

/** Id's hash → content's hash, in 256 shards that are read and written when needed. */
export class Objects implements SentObjects {
  readonly #table: StateTable;
  readonly #partitionKey: string;
  readonly #shards = new Map<number, Map<bigint, bigint>>();
  readonly #changed = new Set<number>();

  constructor(table: StateTable, connection: string, stream: string) {
    this.#table = table;
    this.#partitionKey = `${connection}|${stream}`;
  }

  /** Reads the shards that these ids fall into. */
  async load(ids: readonly Hash64[]): Promise<void> {
    const missing = [...new Set(ids.map(shardOf))].filter((shard) => !this.#shards.has(shard));
    if (missing.length > fewShards) await this.#readAll();
    else await Promise.all(missing.map((shard) => this.#readOne(shard)));
  }

  /** True where the object was last sent with this content. The id's shard is loaded. */
  isKnown(id: Hash64, content: Hash64): boolean {
    return this.#shard(id).get(asBigInt(id)) === asBigInt(content);
  }

  set(id: Hash64, content: Hash64): void {
    this.#shard(id).set(asBigInt(id), asBigInt(content));
    this.#changed.add(shardOf(id));
  }

  /** Writes the shards that changed since the last time. */
  async flush(): Promise<void> {
    const changed = [...this.#changed];
    this.#changed.clear();
    const entities = changed.map((shard) => this.#entity(shard));
    if (entities.length > 0) await this.#table.write(entities);
  }

  #shard(id: Hash64): Map<bigint, bigint> {
    const shard = this.#shards.get(shardOf(id));
    if (!shard) throw new Error(`shard ${rowKeyOf(shardOf(id))} is not loaded`);
    return shard;
  }

  async #readOne(shard: number): Promise<void> {
    const stored = await this.#table.get<ObjectsEntity>(this.#partitionKey, rowKeyOf(shard));
    this.#shards.set(shard, stored ? pairsOf(stored.entity) : new Map());
  }

  /** One question for all shards instead of one for each. */
  async #readAll(): Promise<void> {
    for await (const { entity } of this.#table.list<ObjectsEntity>({ partitionKey: this.#partitionKey })) {
      const shard = Number.parseInt(entity.rowKey, 16);
      if (!this.#shards.has(shard)) this.#shards.set(shard, pairsOf(entity));
    }
    for (let shard = 0; shard < shardCount; shard++) {
      if (!this.#shards.has(shard)) this.#shards.set(shard, new Map());
    }
  }

  #entity(shard: number) {
    const pairs = [...(this.#shards.get(shard) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    const bytes = Buffer.alloc(pairs.length * pairSize);
    pairs.forEach(([id, content], i) => {
      bytes.writeBigUInt64BE(id, i * pairSize);
      bytes.writeBigUInt64BE(content, i * pairSize + 8);
    });
    return {
      partitionKey: this.#partitionKey,
      rowKey: rowKeyOf(shard),
      ...pack("pairs", bytes),
      count: pairs.length,
    };
  }
}

function pairsOf(entity: ObjectsEntity): Map<bigint, bigint> {
  const bytes = unpack("pairs", entity);
  const pairs = new Map<bigint, bigint>();
  for (let i = 0; i + pairSize <= bytes.length; i += pairSize) {
    pairs.set(bytes.readBigUInt64BE(i), bytes.readBigUInt64BE(i + 8));
  }
  return pairs;
}

const shardOf = ({ high }: Hash64) => high >>> 24;
const rowKeyOf = (shard: number) => shard.toString(16).padStart(2, "0");
