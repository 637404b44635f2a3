import type { TableClient, TransactionAction } from "@azure/data-tables";
import { azureError } from "../azure-errors.ts";
import { type RetryContext, withRetries } from "../retry.ts";
import { Conflict, type Keys, type Range, type StateTable, type Stored } from "./table.ts";

/** The service takes this many entities in one transaction, and 4 MiB; what is sent is a third larger than the entities. */
const transactionSize = 100;
const transactionBytes = 2_500_000;

/** A table of a storage account, with the worker's retries and errors. */
export class AzureTable implements StateTable {
  readonly #client: () => Promise<TableClient>;
  readonly #name: string;
  readonly #retries: RetryContext;

  constructor(name: string, client: () => Promise<TableClient>, retries: RetryContext) {
    this.#name = name;
    this.#client = client;
    this.#retries = retries;
  }

  get<T extends Keys>(partitionKey: string, rowKey: string): Promise<Stored<T> | undefined> {
    return this.#call(async (client) => {
      try {
        return stored<T>(await client.getEntity(partitionKey, rowKey));
      } catch (error) {
        if (errorCode(error) === "ResourceNotFound") return undefined;
        throw error;
      }
    });
  }

  async *list<T extends Keys>(range: Range): AsyncIterable<Stored<T>> {
    const filter = [
      range.partitionKey !== undefined && `PartitionKey eq ${literal(range.partitionKey)}`,
      range.from !== undefined && `RowKey ge ${literal(range.from)}`,
      range.to !== undefined && `RowKey lt ${literal(range.to)}`,
    ].filter((condition) => condition !== false);
    const queryOptions = {
      ...(filter.length > 0 && { filter: filter.join(" and ") }),
      ...(range.keysOnly && { select: ["PartitionKey", "RowKey"] }),
    };
    let continuationToken: string | undefined;
    do {
      const page = await this.#call(async (client) => {
        const pages = client.listEntities({ queryOptions }).byPage({ ...(continuationToken && { continuationToken }) });
        return (await pages.next()).value;
      });
      for (const entity of page ?? []) yield stored<T>(entity);
      continuationToken = page?.continuationToken;
    } while (continuationToken);
  }

  insert<T extends Keys>(entity: T): Promise<string> {
    return this.#call(async (client) => etagOf(await client.createEntity(encode(entity))));
  }

  replace<T extends Keys>(entity: T, etag: string): Promise<string> {
    return this.#call(async (client) => etagOf(await client.updateEntity(encode(entity), "Replace", { etag })));
  }

  async write<T extends Keys>(entities: readonly T[]): Promise<void> {
    await this.#transact(entities.map((entity) => ["upsert", encode(entity), "Replace"]));
  }

  async remove(keys: readonly Keys[]): Promise<void> {
    try {
      await this.#transact(keys.map(({ partitionKey, rowKey }) => ["delete", { partitionKey, rowKey }]));
    } catch (error) {
      // One of them is gone already, and a transaction changes all or nothing.
      if (!(error instanceof Conflict)) throw error;
      for (const key of keys) await this.#removeOne(key);
    }
  }

  #removeOne({ partitionKey, rowKey }: Keys): Promise<void> {
    return this.#call(async (client) => {
      try {
        await client.deleteEntity(partitionKey, rowKey);
      } catch (error) {
        if (errorCode(error) !== "ResourceNotFound") throw error;
      }
    });
  }

  async #transact(actions: readonly TransactionAction[]): Promise<void> {
    let group: TransactionAction[] = [];
    let bytes = 0;
    for (const action of actions) {
      const size = sizeOf(action[1]);
      if (group.length === transactionSize || (group.length > 0 && bytes + size > transactionBytes)) {
        await this.#submit(group);
        group = [];
        bytes = 0;
      }
      group.push(action);
      bytes += size;
    }
    if (group.length > 0) await this.#submit(group);
  }

  #submit(group: TransactionAction[]): Promise<unknown> {
    const [action] = group;
    // One entity needs no transaction, which is written and read as a document of many parts.
    if (group.length === 1 && action?.[0] === "upsert")
      return this.#call((client) => client.upsertEntity(action[1], "Replace"));
    return this.#call((client) => client.submitTransaction(group));
  }

  #call<T>(operation: (client: TableClient) => Promise<T>): Promise<T> {
    return withRetries(this.#retries, async () => {
      try {
        return await operation(await this.#client());
      } catch (error) {
        const code = errorCode(error);
        if (code === "EntityAlreadyExists" || code === "UpdateConditionNotSatisfied" || code === "ResourceNotFound") {
          throw new Conflict(`table ${this.#name}: ${code}`);
        }
        const service = `The state table ${this.#name}`;
        throw azureError(error, service, "Storage Table Data Contributor", this.#retries.clock.now());
      }
    });
  }
}

/** The service's own code, which the SDK leaves inside the parsed body. */
function errorCode(error: unknown): string | undefined {
  const { code, details } = error as { code?: string; details?: { odataError?: { code?: string } } };
  return details?.odataError?.code ?? code;
}

/** Roughly: the binary properties are all that can be large. */
const sizeOf = (entity: object) =>
  Object.values(entity).reduce((sum: number, value) => sum + (value instanceof Uint8Array ? value.length : 100), 0);

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

function etagOf(response: { etag?: string }): string {
  if (!response.etag) throw new Error("the table service answered without an ETag");
  return response.etag;
}

/** Numbers are always written as doubles: left alone, the service takes them for 32-bit integers and refuses larger ones. */
function encode(entity: Keys): { partitionKey: string; rowKey: string } {
  const encoded = Object.entries(entity).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === "number" ? { type: "Double", value } : value,
  ]);
  return Object.fromEntries(encoded) as Keys;
}

function stored<T>(entity: object): Stored<T> {
  const { etag, timestamp: _, "odata.metadata": __, ...rest } = entity as { etag: string } & Record<string, unknown>;
  return { entity: rest as T, etag };
}
