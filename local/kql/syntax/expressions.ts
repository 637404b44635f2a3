import type { Expression, List, SyntaxNode, Token } from "./nodes.ts";

/** Statements, clauses and expressions of the tree, under Microsoft's names. */

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
export interface RowLimitClause extends SyntaxNode {
  readonly RowLimit: Expression;
}
export interface ExpandExpression extends Expression {
  readonly Expression: Expression;
  readonly ToTypeOf: ToTypeOfClause | null;
}
export interface ExpressionClause extends SyntaxNode {
  readonly Expression: Expression;
}
export interface MakeSeriesExpression extends Expression {
  readonly Expression: Expression;
  readonly DefaultExpression: ExpressionClause | null;
}
export interface MakeSeriesRange extends SyntaxNode {
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
