import type { Translator } from "../context.ts";
import { type Column, compute, type Relation } from "../relation.ts";
import { scalar } from "../scalar.ts";
import { convert, partBy } from "../scalars/convert.ts";
import { propertyStep } from "../scalars/dynamics.ts";
import { columnSql, type Sql } from "../sql.ts";
import type { EvaluateOperator } from "../syntax/operators.ts";
import { elements, is } from "../tree.ts";
import { declaredColumns, type OperatorFunction } from "./shape.ts";

/** What must be asked of the data before a query can be translated: which properties the bags of `bag_unpack` have. */
export class UnknownProperties extends Error {
  /** SELECT that yields the names and JSON types of all properties. */
  readonly sql: string;
  readonly node: EvaluateOperator;
  readonly prefix: string;
  /** Name of the column that holds the bags. */
  readonly bag: string;

  constructor(node: EvaluateOperator, sql: string, prefix: string, bag: string) {
    super("bag_unpack needs its result's columns here, as in evaluate bag_unpack(Column) : (*, Name: string)");
    this.node = node;
    this.sql = sql;
    this.prefix = prefix;
    this.bag = bag;
  }
}

/** `evaluate bag_unpack(bag)`: the bag's properties as columns. Other plugins are not there. */
const evaluate: OperatorFunction<EvaluateOperator> = (node, input, scope, translator) => {
  const name = node.FunctionCall.Name.SimpleName;
  if (name !== "bag_unpack") return translator.fail(node, `the plugin ${name}() is not supported yet`);
  const [bag, prefixNode, ...others] = elements(node.FunctionCall.ArgumentList.Expressions);
  const column =
    bag !== undefined && is(bag, "NameReference")
      ? input.columns.find((candidate) => candidate.name === bag.SimpleName)
      : undefined;
  if (column === undefined || others.length > 0)
    return translator.fail(node, "bag_unpack() is supported with a column and a prefix");
  const prefix = prefixNode === undefined ? "" : translator.scalar(prefixNode, scope).constant;
  if (typeof prefix !== "string") return translator.fail(node, "the prefix of bag_unpack() must be a text");
  if (node.Schema === null)
    throw new UnknownProperties(node, discovery(input, column, translator), prefix, column.name);

  const computed = new Map<string, Sql>();
  const bags = scalar("dynamic", columnSql(column.id));
  const columns = declaredColumns(node).map((declared) => {
    const kept = input.columns.find((candidate) => candidate !== column && candidate.name === declared.name);
    if (kept !== undefined) return kept;
    const property = declared.name.startsWith(prefix) ? declared.name.slice(prefix.length) : declared.name;
    const value =
      convert(partBy(bags, propertyStep(property)), declared.type) ??
      translator.fail(node, `no property can become ${declared.type}`);
    const made = translator.column(declared.name, declared.type);
    computed.set(made.id, value.sql);
    return made;
  });
  return { ...input, columns, source: compute(input.source, computed) };
};

function discovery(input: Relation, column: Column, translator: Translator): string {
  const { id } = column;
  const rows = translator.select(input, [column]);
  return `SELECT name, list(DISTINCT json_type(${id}, '$.' || to_json(name)::VARCHAR)) FROM (SELECT ${id}, unnest(json_keys(${id})) AS name FROM (${rows}) WHERE json_type(${id}) = 'OBJECT') GROUP BY name ORDER BY name`;
}

export const evaluateOperators = { EvaluateOperator: evaluate };
