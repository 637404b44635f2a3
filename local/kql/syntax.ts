/**
 * The part of Microsoft's syntax tree and symbols that the translator reads, typed.
 * The package's own typings do not pass a strict compiler; names and shapes here are theirs.
 */

export interface SyntaxElement {
  readonly Kind: number;
  readonly IsToken: boolean;
  readonly IsMissing: boolean;
  readonly ChildCount: number;
  readonly TextStart: number;
  readonly End: number;
  GetChild(index: number): SyntaxElement | null;
}

export interface SyntaxNode extends SyntaxElement {
  readonly ReferencedSymbol: Symbol | null;
  readonly ReferencedSignature: Signature | null;
  GetCalledFunctionBody(): FunctionBody | null;
  ToString(): string;
}

export interface Token extends SyntaxElement {
  readonly Text: string;
  readonly ValueText: string;
}

/** A list in the tree; `elements` reads it. The type parameter says what `elements` yields. */
export interface List<T extends SyntaxElement> extends SyntaxElement {
  getItem(index: number): T | Separated<T>;
}
interface Separated<T extends SyntaxElement> extends SyntaxElement {
  readonly Element: T;
}

export interface Expression extends SyntaxNode {
  readonly ResultType: TypeSymbol | null;
  readonly IsLiteral: boolean;
  readonly LiteralValue: unknown;
}

// Symbols

export interface Collection<T> {
  readonly Count: number;
  getItem(index: number): T;
}
export interface Symbol {
  readonly Name: string;
  /** Of a function. */
  readonly Signatures?: Collection<Signature>;
  /** Of a group, which is what a name with stars means. */
  readonly Members?: Collection<Symbol>;
}
export interface TypeSymbol extends Symbol {
  readonly Columns?: Collection<ColumnSymbol>;
  readonly IsOpen?: boolean;
}
export interface ColumnSymbol extends Symbol {
  readonly Type: TypeSymbol;
}
export interface Parameter {
  readonly Name: string;
  readonly IsTabular: boolean;
  readonly IsOptional: boolean;
  readonly DefaultValue: Expression | null;
}
export interface Signature {
  readonly Symbol: Symbol;
  readonly Parameters: Collection<Parameter>;
}
export interface Diagnostic {
  readonly Severity: string;
  readonly Code: string;
  readonly Message: string;
  readonly Start: number;
  readonly Length: number;
}

// Statements and clauses

export interface QueryBlock extends SyntaxNode {
  readonly Statements: List<SyntaxNode>;
}
export interface FunctionBody extends SyntaxNode {
  readonly Statements: List<SyntaxNode>;
  readonly Expression: Expression | null;
}
export interface LetStatement extends SyntaxNode {
  readonly Name: NameDeclaration;
  readonly Expression: Expression;
}
export interface ExpressionStatement extends SyntaxNode {
  readonly Expression: Expression;
}
export interface SetOptionStatement extends SyntaxNode {
  readonly Name: NameDeclaration;
}
export interface FunctionDeclaration extends Expression {
  readonly Body: FunctionBody;
}
export interface NameDeclaration extends Expression {
  readonly SimpleName: string;
}
export interface NameReference extends Expression {
  readonly SimpleName: string;
}
export interface NamedParameter extends SyntaxNode {
  readonly Name: NameDeclaration;
  readonly Expression: Expression;
}
export interface ExpressionList extends SyntaxNode {
  readonly Expressions: List<Expression>;
}
export interface NameAndTypeDeclaration extends Expression {
  readonly Name: NameDeclaration;
  readonly Type: TypeExpression;
}
export interface TypeExpression extends Expression {
  readonly Type?: Token;
}
export interface RowSchema extends SyntaxNode {
  readonly Columns: List<NameAndTypeDeclaration>;
}
export interface ToTypeOfClause extends SyntaxNode {
  readonly TypeOf: TypeOfLiteralExpression;
}
export interface OrderingClause extends SyntaxNode {
  readonly AscOrDescKeyword: Token | null;
  readonly NullsClause: { readonly FirstOrLastKeyword: Token } | null;
}
export interface JoinOnClause extends SyntaxNode {
  readonly Expressions: List<Expression>;
}
export interface ByClause extends SyntaxNode {
  readonly Expressions: List<Expression>;
}
interface RowLimitClause extends SyntaxNode {
  readonly RowLimit: Expression;
}
export interface ExpandExpression extends Expression {
  readonly Expression: Expression;
  readonly ToTypeOf: ToTypeOfClause | null;
}
interface ExpressionClause extends SyntaxNode {
  readonly Expression: Expression;
}
export interface MakeSeriesExpression extends Expression {
  readonly Expression: Expression;
  readonly DefaultExpression: ExpressionClause | null;
}
interface MakeSeriesRange extends SyntaxNode {
  readonly MakeSeriesFromClause?: ExpressionClause | null;
  readonly MakeSeriesToClause?: ExpressionClause | null;
  readonly MakeSeriesStepClause?: ExpressionClause;
  readonly Arguments?: ExpressionList;
}
interface JsonPair extends SyntaxNode {
  readonly Name: Token;
  readonly Value: Expression;
}

// Expressions

export interface TypeOfLiteralExpression extends Expression {
  readonly Types: List<Expression>;
}
export interface BinaryExpression extends Expression {
  readonly Left: Expression;
  readonly Right: Expression;
}
export interface MembershipExpression extends Expression {
  readonly Left: Expression;
  readonly Right: ExpressionList;
}
export interface BetweenExpression extends Expression {
  readonly Left: Expression;
  readonly Right: { readonly First: Expression; readonly Second: Expression };
}
export interface WrappedExpression extends Expression {
  readonly Expression: Expression;
}
export interface SelectorExpression extends Expression {
  readonly Expression: Expression;
  readonly Selector: Expression;
}
export interface ToScalarExpression extends WrappedExpression {
  readonly KindParameter: NamedParameter | null;
}
export interface FunctionCallExpression extends Expression {
  readonly Name: NameReference;
  readonly ArgumentList: ExpressionList;
}
export interface NamedExpression extends Expression {
  readonly Name: NameDeclaration;
  readonly Expression: Expression;
}
export interface CompoundNamedExpression extends Expression {
  readonly Names: { readonly Names: List<NameDeclaration> };
  readonly Expression: Expression;
}
export interface OrderedExpression extends Expression {
  readonly Expression: Expression;
  readonly Ordering: OrderingClause | null;
}
export interface JsonObjectExpression extends Expression {
  readonly Pairs: List<JsonPair>;
}
export interface JsonArrayExpression extends Expression {
  readonly Values: List<Expression>;
}
export interface PipeExpression extends Expression {
  readonly Expression: Expression;
  readonly Operator: Expression;
}
export interface DataTableExpression extends Expression {
  readonly Schema: RowSchema;
  readonly Values: List<Expression>;
}

// Operators

interface Operator extends Expression {
  readonly Parameters?: List<NamedParameter>;
}
export interface ListOperator extends Operator {
  readonly Expressions: List<Expression>;
}
export interface FilterOperator extends Operator {
  readonly Condition: Expression;
}
export interface CountOperator extends Operator {
  readonly AsIdentifier: SyntaxNode | null;
}
export interface ExpressionOperator extends Operator {
  readonly Expression: Expression;
}
export interface TopOperator extends Operator {
  readonly Expression: Expression;
  readonly ByExpression: Expression;
}
export interface SampleDistinctOperator extends Operator {
  readonly Expression: Expression;
  readonly OfExpression: Expression;
}
export interface SummarizeOperator extends Operator {
  readonly Parameters: List<NamedParameter>;
  readonly Aggregates: List<Expression>;
  readonly ByClause: (ByClause & { readonly BinClause: NamedExpression | null }) | null;
}
export interface JoinOperator extends Operator {
  readonly Parameters: List<NamedParameter>;
  readonly Expression: Expression;
  readonly ConditionClause: JoinOnClause | null;
}
export interface LookupOperator extends Operator {
  readonly Parameters: List<NamedParameter>;
  readonly Expression: Expression;
  readonly LookupClause: JoinOnClause | null;
}
export interface UnionOperator extends ListOperator {
  readonly Parameters: List<NamedParameter>;
}
export interface RangeOperator extends Operator {
  readonly Name: NameDeclaration;
  readonly From: Expression;
  readonly To: Expression;
  readonly Step: Expression;
}
export interface AsOperator extends Operator {
  readonly Name: NameDeclaration;
}
export interface InvokeOperator extends Operator {
  readonly Function: FunctionCallExpression;
}
export interface EvaluateOperator extends Operator {
  readonly FunctionCall: FunctionCallExpression;
  readonly Schema: SyntaxNode | null;
}
export interface MvExpandOperator extends Operator {
  readonly Parameters: List<NamedParameter>;
  readonly Expressions: List<ExpandExpression>;
  readonly RowLimitClause: RowLimitClause | null;
}
export interface MvApplyOperator extends Operator {
  readonly Parameters: List<NamedParameter>;
  readonly Expressions: List<ExpandExpression>;
  readonly RowLimitClause: RowLimitClause | null;
  readonly ContextIdClause: SyntaxNode | null;
  readonly Subquery: WrappedExpression;
}
export interface ParseOperator extends Operator {
  readonly Parameters: List<NamedParameter>;
  readonly Expression: Expression;
  readonly Patterns: List<SyntaxNode>;
}
export interface ParseKvOperator extends Operator {
  readonly Expression: Expression;
  readonly Keys: RowSchema;
  readonly WithClause: { readonly Properties: List<NamedParameter> } | null;
}
export interface MakeSeriesOperator extends Operator {
  readonly Parameters: List<NamedParameter>;
  readonly Aggregates: List<MakeSeriesExpression>;
  readonly OnClause: ExpressionClause;
  readonly RangeClause: MakeSeriesRange | null;
  readonly ByClause: ByClause | null;
}
export interface SearchOperator extends Operator {
  readonly Parameters: List<NamedParameter>;
  readonly InClause: { readonly Expressions: List<Expression> } | null;
  readonly Condition: Expression;
}

/** Kinds of node that are told apart by more than their shape, and what each looks like. */
export interface NodeOfKind {
  LetStatement: LetStatement;
  ExpressionStatement: ExpressionStatement;
  SetOptionStatement: SetOptionStatement;
  FunctionDeclaration: FunctionDeclaration;
  NameReference: NameReference;
  PathExpression: SelectorExpression;
  ElementExpression: SelectorExpression;
  BracketedExpression: WrappedExpression;
  ParenthesizedExpression: WrappedExpression;
  FunctionCallExpression: FunctionCallExpression;
  SimpleNamedExpression: NamedExpression;
  CompoundNamedExpression: CompoundNamedExpression;
  OrderedExpression: OrderedExpression;
  StarExpression: Expression;
  StringLiteralExpression: Expression;
  CompoundStringLiteralExpression: Expression;
  NameAndTypeDeclaration: NameAndTypeDeclaration;
  PrimitiveTypeExpression: TypeExpression;
  SchemaTypeExpression: Expression;
  PipeExpression: PipeExpression;
  DataTableExpression: DataTableExpression;
  MaterializeExpression: WrappedExpression;
  ToScalarExpression: ToScalarExpression;
  ToTableExpression: WrappedExpression;
  EqualExpression: BinaryExpression;
  AndExpression: BinaryExpression;
  OrExpression: BinaryExpression;
  JsonObjectExpression: JsonObjectExpression;
  JsonArrayExpression: JsonArrayExpression;
  DynamicExpression: WrappedExpression;
  UnaryMinusExpression: WrappedExpression;
  UnaryPlusExpression: WrappedExpression;
  BetweenExpression: BetweenExpression;
  NotBetweenExpression: BetweenExpression;
  CountOperator: CountOperator;
}
