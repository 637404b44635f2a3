import { type BoundQuery, errorAt } from "./bind.ts";
import { type Meaning, Names, type Scope, type Translator } from "./context.ts";
import { copied } from "./copied.ts";
import { UnknownProperties } from "./operators/evaluate.ts";
import { tabularOperators } from "./operators/operators.ts";
import { search } from "./operators/search.ts";
import { declaredColumns } from "./operators/shape.ts";
import { datatable, print, range, tableRows } from "./operators/sources.ts";
import { union } from "./operators/union.ts";
import { parameterNames } from "./parameters.ts";
import { type Column, type Relation, shared } from "./relation.ts";
import type { Scalar } from "./scalar.ts";
import { translateScalar } from "./scalars/expression.ts";
import type { KqlSchema, KqlTable, KqlType } from "./schema.ts";
import type { FunctionBody, FunctionCallExpression, NameReference, QueryBlock } from "./syntax/expressions.ts";
import type { Expression, SyntaxElement, SyntaxNode } from "./syntax/nodes.ts";
import type {
  AsOperator,
  InvokeOperator,
  ListOperator,
  RangeOperator,
  SearchOperator,
  UnionOperator,
} from "./syntax/operators.ts";
import { elements, firstWord, is, kindOf } from "./tree.ts";

/** A bound query as one DuckDB statement; its columns are named c0, c1, … in their order. */
export interface Translation {
  readonly sql: string;
  readonly columns: readonly Column[];
  readonly sorted: boolean;
}

/** Something in the query that cannot be translated, at its place in the text that it stands in. */
class Refusal extends Error {
  readonly node: SyntaxElement;
  constructor(node: SyntaxElement, message: string) {
    super(message);
    this.node = node;
  }
}

/**
 * Translates a bound query. `now` is in ticks. Throws `KqlError` for what is not supported, and `UnknownProperties`
 * where the data must be asked first.
 */
export function translate(query: BoundQuery, schema: KqlSchema, now: bigint): Translation {
  const translator = new QueryTranslator(schema, now);
  try {
    return translator.query(query.root);
  } catch (error) {
    if (error instanceof UnknownProperties) throw translator.complete(error);
    if (!(error instanceof Refusal)) throw error;
    throw errorAt(query.text, error.node.TextStart, "unsupported", error.message);
  }
}

/** Options of a `set` statement that change no answer. */
const harmlessOptions: ReadonlySet<string> = new Set([
  "notruncation",
  "norequesttimeout",
  "servertimeout",
  "best_effort",
]);

class QueryTranslator implements Translator {
  readonly now: bigint;
  readonly #tables: ReadonlyMap<string, KqlTable>;
  readonly #shared: string[] = [];
  readonly #named = new Map<string, Relation>();
  #ids = 0;

  constructor(schema: KqlSchema, now: bigint) {
    this.now = now;
    this.#tables = new Map(schema.tables.map((table) => [table.name, table]));
  }

  query(root: QueryBlock): Translation {
    const { names, last } = this.#statements(elements(root.Statements), new Names());
    if (last === undefined) this.fail(root, "the query has no expression whose rows could be shown");
    const relation =
      last.ResultType?.Columns !== undefined || is(last, "PipeExpression")
        ? this.relation(last, { names })
        : this.#single(last, { names });
    const list = relation.columns.map(({ id }, index) => `${id} AS c${index}`).join(", ");
    const body = `SELECT ${list} FROM (${this.select(relation, relation.columns)})`;
    return { sql: this.#withShared(body), columns: relation.columns, sorted: relation.order.length > 0 };
  }

  /** The question to the data with the shared queries that it reads. */
  complete({ node, sql, prefix, bag }: UnknownProperties): UnknownProperties {
    return new UnknownProperties(node, this.#withShared(sql), prefix, bag);
  }

  #withShared(body: string): string {
    return this.#shared.length === 0 ? body : `WITH ${this.#shared.join(", ")} ${body}`;
  }

  /** A query that is a scalar, such as `1 + 1`, is a table of one value. */
  #single(node: Expression, scope: Scope): Relation {
    const value = this.scalar(node, scope);
    const column = this.column("print_0", value.type, value.nullable);
    return { columns: [column], source: { select: () => `SELECT ${value.sql.text} AS ${column.id}` }, order: [] };
  }

  #statements(statements: readonly SyntaxNode[], outer: Names): { names: Names; last: Expression | undefined } {
    let names = outer;
    let last: Expression | undefined;
    for (const statement of statements) {
      if (is(statement, "LetStatement")) {
        names = names.with(statement.Name.SimpleName, this.#meaning(statement.Expression, names));
      } else if (is(statement, "ExpressionStatement")) {
        if (last !== undefined) this.fail(statement, "several results in one query are not supported");
        last = statement.Expression;
      } else if (is(statement, "SetOptionStatement") && harmlessOptions.has(statement.Name.SimpleName)) {
        // About time and size only
      } else {
        this.fail(statement, `${kindOf(statement)} is not supported yet`);
      }
    }
    return { names, last };
  }

  #meaning(node: Expression, names: Names): Meaning {
    if (is(node, "FunctionDeclaration")) return { kind: "function", names };
    if (is(node, "MaterializeExpression")) {
      let once: Relation | undefined;
      return {
        kind: "table",
        relation: () => copied((once ??= this.share(this.relation(node.Expression, { names }))), this),
      };
    }
    if (node.ResultType?.Columns !== undefined)
      return { kind: "table", relation: () => this.relation(node, { names }) };
    return { kind: "scalar", value: this.scalar(node, { names }) };
  }

  scalar(node: Expression, scope: Scope): Scalar {
    if (is(node, "FunctionCallExpression")) {
      const body = node.GetCalledFunctionBody();
      if (body !== null) return this.#scalarBody(node, body, scope);
    }
    return translateScalar(node, scope, this);
  }

  relation(node: Expression, scope: Scope, input?: Relation): Relation {
    if (is(node, "PipeExpression")) {
      const rows = this.relation(node.Expression, scope, input);
      return this.relation(node.Operator, scope, rows);
    }
    if (is(node, "ParenthesizedExpression")) return this.relation(node.Expression, scope, input);
    if (is(node, "NameReference")) return this.#name(node, scope);
    if (is(node, "FunctionCallExpression")) return this.#tableCall(node, scope, input);
    if (is(node, "DataTableExpression")) return datatable(node, scope, this);
    if (is(node, "MaterializeExpression")) return this.share(this.relation(node.Expression, scope, input));
    const kind = kindOf(node);
    if (kind === "PrintOperator") return print(node as ListOperator, scope, this);
    if (kind === "RangeOperator") return range(node as RangeOperator, scope, this);
    if (kind === "UnionOperator") return union(node as UnionOperator, input, scope, this);
    if (kind === "SearchOperator") return search(node as SearchOperator, input, scope, this);
    if (kind === "AsOperator" && input !== undefined) return this.#as(node as AsOperator, input);
    if (kind === "InvokeOperator" && input !== undefined)
      return this.#tableCall((node as InvokeOperator).Function, scope, input);
    const operator = tabularOperators[kind];
    if (operator === undefined || input === undefined) {
      return this.fail(node, `the operator '${firstWord(node)}' is not supported yet`);
    }
    return this.#checked(operator(node, input, scope, this), node);
  }

  /** What the operator made must be what the binder announced: a difference would be a wrong answer. */
  #checked(relation: Relation, node: Expression): Relation {
    const declared = declaredColumns(node);
    const same =
      declared.length === relation.columns.length &&
      declared.every(
        ({ name, type }, index) => relation.columns[index]?.name === name && relation.columns[index]?.type === type,
      );
    return same || node.ResultType?.IsOpen === true
      ? relation
      : this.fail(node, "the columns of this operator are not supported yet");
  }

  #name(node: NameReference, scope: Scope): Relation {
    const meaning = scope.names.find(node.SimpleName);
    if (meaning?.kind === "table") return meaning.relation();
    const earlier = this.#named.get(node.SimpleName);
    if (earlier !== undefined) return copied(earlier, this);
    const body = node.GetCalledFunctionBody();
    if (body !== null) {
      const names = parameterNames(node, node.SimpleName, [], scope, this);
      return this.#within(node, () => this.#tableBody(body, names));
    }
    return this.table(node.SimpleName, node);
  }

  get tableNames(): readonly string[] {
    return [...this.#tables.keys()];
  }

  table(name: string, node: SyntaxElement): Relation {
    const table = this.#tables.get(name);
    return table === undefined ? this.fail(node, `the table '${name}' does not exist`) : tableRows(table, this);
  }

  /** `as Name`: the rows so far, to be read again further on. */
  #as(node: AsOperator, input: Relation): Relation {
    const once = this.share(input);
    this.#named.set(node.Name.SimpleName, once);
    return once;
  }

  #tableCall(node: FunctionCallExpression, scope: Scope, input?: Relation): Relation {
    const body = node.GetCalledFunctionBody();
    if (body === null) return this.#builtInTable(node, scope);
    const given = elements(node.ArgumentList.Expressions);
    const names = parameterNames(node, node.Name.SimpleName, given, scope, this, input);
    return this.#within(node, () => this.#tableBody(body, names));
  }

  /** `table("Name")`. */
  #builtInTable(node: FunctionCallExpression, scope: Scope): Relation {
    const [name] = elements(node.ArgumentList.Expressions);
    const given =
      node.Name.SimpleName === "table" && name !== undefined ? this.scalar(name, scope).constant : undefined;
    return typeof given === "string"
      ? this.table(given, node)
      : this.fail(node, `the function ${node.Name.SimpleName}() is not supported as a table`);
  }

  #tableBody(body: FunctionBody, names: Names): Relation {
    const { names: inner, last } = this.#statements(elements(body.Statements), names);
    const result = body.Expression ?? last;
    return result === undefined
      ? this.fail(body, "the function has no result")
      : this.relation(result, { names: inner });
  }

  #scalarBody(node: FunctionCallExpression, body: FunctionBody, scope: Scope): Scalar {
    const names = parameterNames(node, node.Name.SimpleName, elements(node.ArgumentList.Expressions), scope, this);
    return this.#within(node, () => {
      const { names: inner, last } = this.#statements(elements(body.Statements), names);
      const result = body.Expression ?? last;
      return result === undefined
        ? this.fail(body, "the function has no result")
        : this.scalar(result, { names: inner });
    });
  }

  /** What is refused inside of a function is shown where the function is called: its own text is elsewhere. */
  #within<T>(call: FunctionCallExpression | NameReference, translateBody: () => T): T {
    try {
      return translateBody();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const name = is(call, "FunctionCallExpression") ? call.Name.SimpleName : call.SimpleName;
      throw new Refusal(call, `in ${name}(): ${error.message}`);
    }
  }

  column(name: string, type: KqlType, nullable = true): Column {
    this.#ids += 1;
    return { id: `k${this.#ids}`, name, type, nullable: nullable && type !== "string" };
  }

  share(relation: Relation): Relation {
    const name = `shared${this.#shared.length}`;
    const ids = [...new Set(relation.columns.map(({ id }) => id))];
    this.#shared.push(`${name} AS MATERIALIZED (${this.select(relation, relation.columns)})`);
    const { columns, order } = relation;
    return { columns, order, source: shared(name, ids) };
  }

  select(relation: Relation, columns: readonly Column[]): string {
    return relation.source.select(new Set(columns.map(({ id }) => id)));
  }

  fail(node: SyntaxElement, message: string): never {
    throw new Refusal(node, message);
  }
}
