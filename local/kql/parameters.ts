import { type Meaning, Names, type Scope, type Translator } from "./context.ts";
import type { Relation } from "./relation.ts";
import type { Expression, Parameter, SyntaxNode } from "./syntax/nodes.ts";
import { is, list } from "./tree.ts";

/**
 * The parameters of a called function as names, over the names where the function was declared. The first takes the rows
 * before the call, if there are any.
 */
export function parameterNames(
  call: SyntaxNode,
  name: string,
  given: readonly Expression[],
  scope: Scope,
  translator: Translator,
  input?: Relation,
): Names {
  const declared = scope.names.find(name);
  const parameters = parametersOf(call);
  const meanings = new Map<string, Meaning>();
  let position = 0;
  if (input !== undefined && parameters[0] !== undefined) {
    meanings.set(parameters[0].Name, { kind: "table", relation: () => input });
    position = 1;
  }
  for (const value of given) {
    const named = is(value, "SimpleNamedExpression") ? value.Name.SimpleName : undefined;
    const parameter = named ?? parameters[position]?.Name;
    if (named === undefined) position += 1;
    if (parameter === undefined) translator.fail(value, `${name}() has no parameter here`);
    meanings.set(
      parameter,
      meaningOf(is(value, "SimpleNamedExpression") ? value.Expression : value, scope, translator),
    );
  }
  for (const { Name, DefaultValue } of parameters) {
    if (meanings.has(Name)) continue;
    if (DefaultValue === null) translator.fail(call, `${name}() needs a value for '${Name}'`);
    meanings.set(Name, { kind: "scalar", value: translator.scalar(DefaultValue, { names: new Names() }) });
  }
  return new Names(meanings, declared?.kind === "function" ? declared.names : new Names());
}

function meaningOf(node: Expression, scope: Scope, translator: Translator): Meaning {
  return node.ResultType?.Columns === undefined
    ? { kind: "scalar", value: translator.scalar(node, scope) }
    : { kind: "table", relation: () => translator.relation(node, { names: scope.names }) };
}

/** The parameters of the function that a call, or a name without parentheses, refers to. */
function parametersOf(call: SyntaxNode): readonly Parameter[] {
  const signature = call.ReferencedSignature ?? call.ReferencedSymbol?.Signatures?.getItem(0);
  return signature === undefined ? [] : list(signature.Parameters);
}
