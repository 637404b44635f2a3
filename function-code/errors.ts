import type { StreamStatus } from "./state/entities.ts";

/** Why a stream could not be collected, in a word that rules and dashboards can count. */
export type ErrorClass =
  | "address"
  | "answer"
  | "azure"
  | "budget"
  | "configuration"
  | "filter"
  | "network"
  | "overdue"
  | "permission"
  | "refused"
  | "secret"
  | "server"
  | "throttled"
  | "timestamps"
  | "token"
  | "unavailable"
  | "unexpected";

/**
 * A run cannot go on. The message is for the operator: what went wrong, where, and what to do; it never holds a secret, a record or
 * the body of an answer.
 */
export class CollectionError extends Error {
  override readonly name = "CollectionError";
  readonly status: Exclude<StreamStatus, "ok" | "empty">;
  readonly errorClass: ErrorClass;
  /** Epoch milliseconds before which it is no use to try again. */
  readonly notBefore: number | undefined;

  constructor(
    status: Exclude<StreamStatus, "ok" | "empty">,
    errorClass: ErrorClass,
    message: string,
    options: { cause?: unknown; notBefore?: number } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.status = status;
    this.errorClass = errorClass;
    this.notBefore = options.notBefore;
  }
}

/** Another invocation holds the stream, or took it over: this one has to stop at once, without writing anything. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/** The vendor did not take the cursor; the window goes on from the time of its last row. */
export class CursorRefused extends Error {
  override readonly name = "CursorRefused";
}

/** The vendor does not have the object any more that a request was about. */
export class ObjectGone extends Error {
  override readonly name = "ObjectGone";
}

/** An answer exceeds what the worker takes in one piece; fewer rows may be asked for. */
export class AnswerTooLarge extends Error {
  override readonly name = "AnswerTooLarge";
}

/** Whatever was thrown, as a collection error. An error that nobody foresaw keeps its name but not its text, which may quote data. */
export function asCollectionError(error: unknown): CollectionError {
  if (error instanceof CollectionError) return error;
  if (error instanceof AnswerTooLarge) return new CollectionError("failing", "answer", error.message, { cause: error });
  const name = error instanceof Error ? error.name : typeof error;
  return new CollectionError(
    "failing",
    "unexpected",
    `The worker met an error that it did not expect (${name}). The log of this run has its stack; nothing was lost, the next run tries again.`,
    { cause: error },
  );
}

/** Where an unforeseen error came from. Its message stays out of the log: a parser's quotes what it could not read. */
export function framesOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
}
