import type {
  BetweenExpression,
  BinaryExpression,
  CompoundNamedExpression,
  DataTableExpression,
  ExpressionStatement,
  FunctionCallExpression,
  FunctionDeclaration,
  JsonArrayExpression,
  JsonObjectExpression,
  LetStatement,
  NameAndTypeDeclaration,
  NamedExpression,
  NameReference,
  OrderedExpression,
  PipeExpression,
  SelectorExpression,
  SetOptionStatement,
  ToScalarExpression,
  TypeExpression,
  WrappedExpression,
} from "./expressions.ts";
import type { Expression } from "./nodes.ts";
import type { CountOperator } from "./operators.ts";

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
