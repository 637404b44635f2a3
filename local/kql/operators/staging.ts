import type { Translator } from "../context.ts";
import { compute, type Relation, type Source, sort } from "../relation.ts";
import { type Scalar, scalar } from "../scalar.ts";
import type { KqlType } from "../schema.ts";
import { columnSql, type Sql, sql } from "../sql.ts";

/**
 * Values that other values of the same operator are made from, each computed one step earlier. Window functions need it:
 * SQL allows none inside another, and none in WHERE.
 */
export class Staging {
  readonly #translator: Translator;
  readonly #input: Relation;
  #source: Source;
  #position: string | undefined;

  constructor(input: Relation, translator: Translator) {
    this.#input = input;
    this.#source = input.source;
    this.#translator = translator;
  }

  /** Computes the value as a column of its own, and stands for it. */
  stage(type: KqlType, text: Sql, nullable = true): Scalar {
    const column = this.#translator.column("", type, nullable);
    this.#source = compute(this.#source, new Map([[column.id, text]]));
    return scalar(type, columnSql(column.id), nullable);
  }

  /** The place of a row among all rows. */
  position(): Sql {
    if (this.#position === undefined) this.#position = this.stage("long", sql`row_number() OVER ()`, false).sql.text;
    return columnSql(this.#position);
  }

  /** The input with what has been staged, in its order. */
  get relation(): Relation {
    if (this.#position === undefined) return { ...this.#input, source: this.#source };
    const key = { id: this.#position, descending: false, nullsFirst: false };
    return { ...this.#input, source: sort(this.#source, [key]) };
  }
}
