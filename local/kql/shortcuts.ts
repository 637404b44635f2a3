// Work that Microsoft's library does in vain. What is named here is no declared API, and is known to this file alone.

interface Signature {
  readonly Parameters: { readonly Count: number; getItem(index: number): { readonly IsTabular: boolean } };
}
/** What the binder knows of a function's body after it has bound it once. */
interface Facts {
  readonly HasVariableReturnType: boolean;
  /** Those whose values say which tables or columns the body means. */
  readonly DependentParameters: object;
}
/** Stands for a result parameter. */
interface Out<T> {
  v?: T | null;
}
interface Operand {
  readonly IsConstant: boolean;
}
/** What the binder says of a node. */
interface Meaning {
  readonly Diagnostics: { readonly Count: number };
}
interface Binder {
  GetBinaryOperatorInfo: (
    this: Binder,
    kind: number,
    left: Operand,
    leftType: object,
    right: Operand,
    rightType: object,
    location: object,
  ) => Meaning;
  TryGetFunctionBodyFacts(signature: Signature, facts: Out<Facts>): boolean;
  TryGetExpansionCallSiteInfo: (this: Binder, signature: Signature, given: object | null, site: Out<object>) => boolean;
}
/** The parts of the library that are changed. */
export interface Shortened {
  readonly Symbols: { readonly ScalarTypes: Readonly<Record<string, object>> };
  readonly Parsing: { readonly QueryGrammar: { From(globals: object): object } };
  readonly Binding: {
    readonly Binder: {
      readonly prototype: Binder;
      GetCreateFunctionCommandName(location: object): string | null;
      TryGetResultTypeCallSite(signature: Signature, parameters: object, given: object, site: Out<object>): boolean;
    };
  };
}

/**
 * With each query the library gives the grammar of its editor's completions, and takes a second to put that together. Its parser needs none,
 * but for what is nested very deeply.
 */
export function leaveOutGrammar({ Parsing: { QueryGrammar } }: Shortened): void {
  const from = QueryGrammar.From.bind(QueryGrammar);
  QueryGrammar.From = (globals) =>
    new Proxy({}, { get: (_, part) => (part === "QueryBlock" ? null : (Reflect.get(from(globals), part) as unknown)) });
}

/**
 * The library reads and binds a function's body for each combination of constants that it is called with, up to 100 ms each. Where no table
 * and no column hangs on the values, and no rows are passed, all calls are given the same.
 */
export function shareExpansions({ Binding: { Binder } }: Shortened): void {
  const { prototype } = Binder;
  const original = prototype.TryGetExpansionCallSiteInfo;
  prototype.TryGetExpansionCallSiteInfo = function (signature, given, site) {
    const known: Out<Facts> = {};
    this.TryGetFunctionBodyFacts(signature, known);
    const facts = known.v;
    return given && facts && !facts.HasVariableReturnType && !takesRows(signature)
      ? Binder.TryGetResultTypeCallSite(signature, facts.DependentParameters, given, site)
      : original.call(this, signature, given, site);
  };
}

function takesRows({ Parameters }: Signature): boolean {
  return Array.from({ length: Parameters.Count }, (_, index) => Parameters.getItem(index)).some(
    ({ IsTabular }) => IsTabular,
  );
}

/**
 * For each `and`, `==` or `+` the library compares the operands' types with each signature that the operator has, a quarter of all binding.
 * Between two scalars that it finds well, the answer hangs on their types and on whether both are constant.
 */
export function rememberOperators({ Binding: { Binder }, Symbols: { ScalarTypes } }: Shortened): void {
  const { prototype } = Binder;
  const original = prototype.GetBinaryOperatorInfo;
  const scalars = new Map(Object.values(ScalarTypes).map((type, index) => [type, index]));
  const known = new Map<string, Meaning>();
  prototype.GetBinaryOperatorInfo = function (kind, left, leftType, right, rightType, location) {
    const [one, other] = [scalars.get(leftType), scalars.get(rightType)];
    const anew = () => original.call(this, kind, left, leftType, right, rightType, location);
    if (one === undefined || other === undefined) return anew();
    const question = `${kind} ${one} ${other} ${left.IsConstant && right.IsConstant}`;
    const meaning = known.get(question) ?? anew();
    if (meaning.Diagnostics.Count === 0) known.set(question, meaning);
    return meaning;
  };
}

/** For each name the library looks upwards for a command that defines a function: a query is none, and stands in none. */
export function takeNoCommands({ Binding: { Binder } }: Shortened): void {
  Binder.GetCreateFunctionCommandName = () => null;
}
