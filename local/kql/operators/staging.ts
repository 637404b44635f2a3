import type { Stage, Translator } from "../context.ts";
import { anyOrder, compute, orderList, type Relation, type SortKey, type Source, sort } from "../relation.ts";
import { type Scalar, scalar } from "../scalar.ts";
import type { KqlType } from "../schema.ts";
import { columnSql, type Sql, sql } from "../sql.ts";

/**
 * Values that other values of the same operator are made from, each computed one step earlier. Window functions need it:
 * SQL allows none inside another, and none in WHERE.
 */
export class Staging implements Stage {
  readonly #translator: Translator;
  readonly #input: Relation;
  /** What reads the input only, to be computed at once: DuckDB then sorts the rows once for all windows. */
  readonly #first = new Map<string, Sql>();
  /** What reads something staged, each a step of its own. */
  readonly #later: ReadonlyMap<string, Sql>[] = [];
  readonly #staged = new Set<string>();
  #position: string | undefined;

  constructor(input: Relation, translator: Translator) {
    this.#input = input;
    this.#translator = translator;
  }

  stage(type: KqlType, text: Sql, nullable = true): Scalar {
    const column = this.#translator.column("", type, nullable);
    if (this.#readsStaged(text)) this.#later.push(new Map([[column.id, text]]));
    else this.#first.set(column.id, text);
    this.#staged.add(column.id);
    return scalar(type, columnSql(column.id), nullable);
  }

  order(...read: readonly Sql[]): Sql {
    const { order } = this.#input;
    const position = this.#rowPosition();
    if (order.length === 0 || read.some((piece) => this.#readsStaged(piece)))
      return sql`ORDER BY ${columnSql(position)}`;
    return byKeys(order);
  }

  /** The input with what has been staged, in its order. */
  get relation(): Relation {
    if (this.#staged.size === 0) return this.#input;
    const source = [this.#first, ...this.#later].reduce((rows: Source, step) => compute(rows, step), this.#rows());
    if (this.#position === undefined) return { ...this.#input, source };
    const key = { id: this.#position, descending: false, nullsFirst: false };
    return { ...this.#input, source: sort(source, [key]) };
  }

  /** Rows whose order is known by keys need not be sorted before they are numbered by these. */
  #rows(): Source {
    const { source, order } = this.#input;
    if (this.#position === undefined) return source;
    if (order.length > 0) return anyOrder(source);
    return compute(source, new Map([[this.#position, sql`row_number() OVER ()`]]));
  }

  /** The column that numbers the rows. */
  #rowPosition(): string {
    if (this.#position !== undefined) return this.#position;
    const { id } = this.#translator.column("", "long", false);
    this.#position = id;
    this.#staged.add(id);
    const { order } = this.#input;
    if (order.length > 0) this.#first.set(id, sql`row_number() OVER (${byKeys(order)})`);
    return id;
  }

  #readsStaged({ uses }: Sql): boolean {
    // Where the order has no keys, the number of a row is there before all else
    const isEarlier = (id: string) => this.#input.order.length === 0 && id === this.#position;
    return [...uses].some((id) => this.#staged.has(id) && !isEarlier(id));
  }
}

function byKeys(order: readonly SortKey[]): Sql {
  return { text: `ORDER BY ${orderList(order)}`, uses: new Set(order.map(({ id }) => id)) };
}
