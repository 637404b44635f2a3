import type { Column, Relation } from "./relation.ts";
import type { Scalar } from "./scalar.ts";
import type { KqlType } from "./schema.ts";
import type { Sql } from "./sql.ts";
import type { FunctionCallExpression } from "./syntax/expressions.ts";
import type { Expression, SyntaxElement } from "./syntax/nodes.ts";

/** What a name of a `let` or a parameter stands for. */
export type Meaning =
  | { readonly kind: "scalar"; readonly value: Scalar }
  | { readonly kind: "table"; readonly relation: () => Relation }
  | { readonly kind: "function"; readonly names: Names };

/** Names by lexical scope: the innermost wins. */
export class Names {
  readonly #own: ReadonlyMap<string, Meaning>;
  readonly #outer: Names | undefined;

  constructor(own: ReadonlyMap<string, Meaning> = new Map(), outer?: Names) {
    this.#own = own;
    this.#outer = outer;
  }

  find(name: string): Meaning | undefined {
    return this.#own.get(name) ?? this.#outer?.find(name);
  }

  with(name: string, meaning: Meaning): Names {
    return new Names(new Map([[name, meaning]]), this);
  }
}

/** What an expression may refer to. */
export interface Scope {
  readonly names: Names;
  /** The rows that column names refer to; absent where there are none, as in `let x = …`. */
  readonly row?: Relation;
  /** True inside `summarize`, where aggregate functions have a meaning. */
  readonly aggregating?: boolean;
  /** Where values are computed that others of the same operator need; absent where rows cannot be looked at together. */
  readonly staging?: Stage;
}

/** Computes values one step earlier, as columns of their own. */
export interface Stage {
  /** Computes the value as a column of its own, and stands for it. */
  stage(type: KqlType, text: Sql, nullable?: boolean): Scalar;
  /** `ORDER BY …` in the order of the rows, for a window that reads these pieces. */
  order(...read: readonly Sql[]): Sql;
}

/** What the parts of the translation need of each other. */
export interface Translator {
  /** The instant of the query, in ticks: every `now()` and `ago()` of it says the same. */
  readonly now: bigint;
  scalar(node: Expression, scope: Scope): Scalar;
  relation(node: Expression, scope: Scope, input?: Relation): Relation;
  /** The rows of a stored table, and the names of all of them. */
  table(name: string, node: SyntaxElement): Relation;
  readonly tableNames: readonly string[];
  /** A new column with an id of its own. */
  column(name: string, type: KqlType, nullable?: boolean): Column;
  /** The same rows, computed once however often they are read. */
  share(relation: Relation): Relation;
  /** The relation as a whole SELECT, with the columns that are named. */
  select(relation: Relation, columns: readonly Column[]): string;
  /** Refuses: the position is the node's. */
  fail(node: SyntaxElement, message: string): never;
}

/** A call of a built-in function that is being translated. */
export interface Call {
  readonly name: string;
  readonly node: FunctionCallExpression;
  readonly arguments: readonly Expression[];
  /** What the binder says that the call yields. */
  readonly type: KqlType;
  readonly translator: Translator;
  readonly scope: Scope;
  fail(message: string): never;
}

export type ScalarFunction = (values: readonly Scalar[], call: Call) => Scalar;

/** The argument at a place that the binder has already checked to be there. */
export function argument(values: readonly Scalar[], index: number): Scalar {
  const value = values[index];
  if (value === undefined) throw new Error(`argument ${index} is missing`);
  return value;
}

/** A constant string argument, for what must be known before the query runs. */
export function constantText(values: readonly Scalar[], index: number, call: Call): string {
  const { constant } = argument(values, index);
  return typeof constant === "string"
    ? constant
    : call.fail(`${call.name}() needs a constant string as argument ${index + 1}`);
}

/** A constant whole number. */
export function constantInteger(values: readonly Scalar[], index: number, call: Call): number {
  const { constant } = argument(values, index);
  return typeof constant === "bigint"
    ? Number(constant)
    : call.fail(`${call.name}() needs a constant whole number as argument ${index + 1}`);
}
