import type {
  ByClause,
  ExpandExpression,
  ExpressionClause,
  FunctionCallExpression,
  JoinOnClause,
  MakeSeriesExpression,
  MakeSeriesRange,
  NameDeclaration,
  NamedExpression,
  NamedParameter,
  RowLimitClause,
  RowSchema,
  WrappedExpression,
} from "./expressions.ts";
import type { Expression, List, SyntaxNode } from "./nodes.ts";

/** Operators of the tree, under Microsoft's names. */

export interface Operator extends Expression {
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
