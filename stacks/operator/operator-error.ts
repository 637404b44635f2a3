/** A mistake or a state of affairs that the operator can mend: shown as it is, without a stack. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}
