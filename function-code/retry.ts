import type { Clock } from "./clock.ts";
import { CollectionError } from "./errors.ts";

/** The one retry policy, for the vendors' side and for Azure's: every client underneath is built without retries of its own. */
export interface RetryPolicy {
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubles with each further one. */
  readonly firstWait: number;
  readonly longestWait: number;
  /** A server that asks for more patience than this (milliseconds) is left alone until the next run. */
  readonly patience: number;
  /** After so many milliseconds a second failure is the last: whoever waits holds a place that other streams wait for, and the next run goes on. */
  readonly enough: number;
}

export const standardPolicy: RetryPolicy = {
  attempts: 6,
  firstWait: 1000,
  longestWait: 30_000,
  patience: 120_000,
  enough: 120_000,
};

/** An attempt failed in a way that may pass. `final` is what the caller gets when it does not. */
export class Transient extends Error {
  override readonly name = "Transient";
  readonly final: CollectionError;
  /** What the server asked for, in milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(final: CollectionError, retryAfter?: number) {
    super(final.message);
    this.final = final;
    this.retryAfter = retryAfter;
  }
}

export interface RetryContext {
  readonly clock: Clock;
  /** From 0 to 1; spreads the attempts of many workers. */
  readonly random: () => number;
  readonly signal?: AbortSignal | undefined;
  readonly onRetry?: (() => void) | undefined;
  readonly policy?: RetryPolicy;
}

/** Runs an attempt until it succeeds, throws anything but `Transient`, or the policy is exhausted. */
export async function withRetries<T>(context: RetryContext, attempt: () => Promise<T>): Promise<T> {
  const policy = context.policy ?? standardPolicy;
  const startedAt = context.clock.now();
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      const backOff = Math.min(policy.longestWait, policy.firstWait * 2 ** (count - 1)) * (0.5 + context.random() / 2);
      const wait = error.retryAfter ?? backOff;
      const now = context.clock.now();
      const isOver = count >= policy.attempts || (count > 1 && now - startedAt >= policy.enough);
      if (isOver || wait > policy.patience) throw finalError(error, now + wait);
      context.onRetry?.();
      await context.clock.sleep(wait, context.signal);
    }
  }
}

function finalError({ final, retryAfter }: Transient, notBefore: number): CollectionError {
  if (retryAfter === undefined) return final;
  return new CollectionError(final.status, final.errorClass, final.message, { cause: final.cause, notBefore });
}

/** `Retry-After` in milliseconds: seconds or an HTTP date; undefined where it is absent or means nothing. */
export function parseRetryAfter(value: string | undefined, serverNow: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - serverNow);
}
