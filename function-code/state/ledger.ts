import { hour, hourOf, type Micros, parseIso } from "../timestamps.ts";
import type { LedgerEntity } from "./entities.ts";
import type { Hash64 } from "./hash.ts";
import { HashSet } from "./hash-set.ts";
import { pack, unpack } from "./packed.ts";
import type { Keys, StateTable } from "./table.ts";

/** A delivered key and the time that decides in which hour of the ledger it stands. */
export interface LedgerKey {
  readonly time: Micros;
  readonly hash: Hash64;
}

/** Hours since 1970, which is cheaper to compute for each row than the hour's text. */
export const hourNumber = (time: Micros): number => Math.floor(time / hour);

/** What a walk asks of a ledger. */
export type KeyLedger = Pick<Ledger, "readHours" | "append">;

/** The keys that Azure has acknowledged, by the hour of their event. */
export class Ledger {
  readonly #table: StateTable;

  constructor(table: StateTable) {
    this.#table = table;
  }

  /** The keys of one hour. */
  async read(connection: string, stream: string, hourNumber: number): Promise<HashSet> {
    return (await this.readHours(connection, stream, hourNumber, hourNumber)).get(hourNumber) ?? new HashSet();
  }

  /**
   * The keys of the hours from one to another, both included; hours without keys are absent.
   * @param since only keys that were acknowledged then or later
   * @param hours takes them up
   */
  async readHours(
    connection: string,
    stream: string,
    first: number,
    last: number,
    since = "",
    hours = new Map<number, HashSet>(),
  ): Promise<Map<number, HashSet>> {
    const partitionKey = partition(connection, stream);
    const range = { partitionKey, from: hourOf(first * hour), to: hourOf((last + 1) * hour) };
    for await (const { entity } of this.#table.list<LedgerEntity>(range)) {
      if (entity.acknowledgedAt < since) continue;
      const number = hourNumber(parseIso(`${entity.rowKey.split("|", 1)[0]}:00:00Z`) ?? 0);
      const keys = hours.get(number) ?? new HashSet();
      hours.set(number, keys);
      const bytes = unpack("keys", entity);
      for (let i = 0; i + 8 <= bytes.length; i += 8) {
        keys.add({ high: bytes.readUInt32BE(i), low: bytes.readUInt32BE(i + 4) });
      }
    }
    return hours;
  }

  /** Writes down an acknowledged batch. `batch` is unique, so that writing it twice changes nothing. */
  async append(
    connection: string,
    stream: string,
    batch: string,
    keys: readonly LedgerKey[],
    now: number,
  ): Promise<void> {
    const partitionKey = partition(connection, stream);
    const acknowledgedAt = new Date(now).toISOString();
    const entities = [...Map.groupBy(keys, ({ time }) => hourNumber(time))].map(([number, members]) => ({
      partitionKey,
      rowKey: `${hourOf(number * hour)}|${batch}`,
      ...pack("keys", packKeys(members)),
      count: members.length,
      acknowledgedAt,
    }));
    if (entities.length > 0) await this.#table.write(entities);
  }

  /** Forgets the hours before a time. Returns how many entities are gone. */
  async prune(connection: string, stream: string, before: Micros): Promise<number> {
    const partitionKey = partition(connection, stream);
    const old: Keys[] = [];
    for await (const { entity } of this.#table.list({ partitionKey, to: hourOf(before), keysOnly: true })) {
      old.push({ partitionKey, rowKey: entity.rowKey });
    }
    await this.#table.remove(old);
    return old.length;
  }
}

const partition = (connection: string, stream: string) => `${connection}|${stream}`;

function packKeys(keys: readonly LedgerKey[]): Buffer {
  const bytes = Buffer.alloc(keys.length * 8);
  keys.forEach(({ hash }, i) => {
    bytes.writeUInt32BE(hash.high, i * 8);
    bytes.writeUInt32BE(hash.low, i * 8 + 4);
  });
  return bytes;
}
