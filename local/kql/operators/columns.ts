import type { Translator } from "../context.ts";
import type { Column, Relation } from "../relation.ts";
import type { Expression } from "../syntax/nodes.ts";
import type { ListOperator } from "../syntax/operators.ts";
import { elements, is, kindOf } from "../tree.ts";
import { asDeclared, bindColumn, Computed, declaredColumns, type OperatorFunction, reshape } from "./shape.ts";
import { Staging } from "./staging.ts";

/** `project`, `print`'s and `serialize`'s list: one column for each expression. */
export const project: OperatorFunction<ListOperator> = (node, input, scope, translator) => {
  const expressions = elements(node.Expressions);
  const declared = declaredColumns(node);
  if (declared.length !== expressions.length)
    translator.fail(node, "an expression that yields several columns is not supported yet");
  const staging = new Staging(input, translator);
  const computed = new Computed();
  const columns = expressions.map((expression, index) => {
    const { name, type } = declared[index] as (typeof declared)[number];
    const value = asDeclared(
      translator.scalar(expression, { ...scope, row: input, staging }),
      type,
      expression,
      translator,
    );
    return bindColumn(name, value, input, computed, translator);
  });
  return reshape(staging.relation, columns, computed);
};

/** `extend` and `serialize`: an existing name is replaced in its place, a new one comes last. */
const extend: OperatorFunction<ListOperator> = (node, input, scope, translator) => {
  const declared = declaredColumns(node);
  const expressions = elements(node.Expressions);
  const names = namesOf(
    expressions,
    input,
    declared.map(({ name }) => name),
    translator,
  );
  const staging = new Staging(input, translator);
  const computed = new Computed();
  const columns: Column[] = [...input.columns];
  expressions.forEach((expression, index) => {
    const name = names[index] as string;
    const type =
      declared.find((column) => column.name === name)?.type ??
      translator.fail(expression, `the column '${name}' is not supported here`);
    // Every expression sees the columns as they were before
    const value = asDeclared(
      translator.scalar(expression, { ...scope, row: input, staging }),
      type,
      expression,
      translator,
    );
    const column = bindColumn(name, value, input, computed, translator);
    const place = columns.findIndex((existing) => existing.name === name);
    if (place < 0) columns.push(column);
    else columns[place] = column;
  });
  return reshape(staging.relation, columns, computed);
};

/** The names that `extend` gives: those written, and for the other expressions those that the binder added, in order. */
function namesOf(
  expressions: readonly Expression[],
  input: Relation,
  declared: readonly string[],
  translator: Translator,
): readonly string[] {
  const written = expressions.map((expression) => {
    if (is(expression, "SimpleNamedExpression")) return expression.Name.SimpleName;
    if (is(expression, "NameReference")) return expression.SimpleName;
    if (is(expression, "CompoundNamedExpression"))
      return translator.fail(expression, "an expression that yields several columns is not supported yet");
    return undefined;
  });
  const known = new Set([...input.columns.map(({ name }) => name), ...written]);
  const added = declared.filter((name) => !known.has(name));
  return written.map(
    (name, index) =>
      name ?? added.shift() ?? translator.fail(expressions[index] as Expression, "give this expression a name"),
  );
}

/** The columns that the binder kept, under the names that it gave: `project-away`, `-keep`, `-reorder`. */
const select: OperatorFunction = (node, input, _scope, translator) => ({
  ...input,
  columns: declaredColumns(node).map(
    ({ name }) =>
      input.columns.find((column) => column.name === name) ??
      translator.fail(node, `the column '${name}' is not supported here`),
  ),
});

const rename: OperatorFunction<ListOperator> = (node, input, _scope, translator) => {
  const renamed = new Map<string, string>();
  for (const expression of elements(node.Expressions)) {
    if (!is(expression, "SimpleNamedExpression") || !is(expression.Expression, "NameReference")) {
      return translator.fail(expression, `${kindOf(expression)} in project-rename is not supported yet`);
    }
    renamed.set(expression.Expression.SimpleName, expression.Name.SimpleName);
  }
  return {
    ...input,
    columns: input.columns.map((column) => ({ ...column, name: renamed.get(column.name) ?? column.name })),
  };
};

export const columnOperators = {
  ProjectOperator: project,
  ExtendOperator: extend,
  SerializeOperator: extend,
  ProjectAwayOperator: select,
  ProjectKeepOperator: select,
  ProjectReorderOperator: select,
  ProjectRenameOperator: rename,
};
