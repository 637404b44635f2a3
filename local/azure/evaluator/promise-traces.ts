import * as debuggable from "@pulumi/pulumi/runtime/debuggable.js";

/** Internal to the SDK and absent from its declarations. */
interface Debuggable {
  readonly debugPromiseLeaks: boolean;
  debuggablePromise: <T>(promise: Promise<T>, context: string) => Promise<T>;
}

let left = false;

/**
 * The SDK notes a stack trace with each property of each resource, for whoever looks for promises that never settle: almost half of what
 * an evaluation takes that changes nothing. After this it does so only where `PULUMI_DEBUG_PROMISE_LEAKS` asks for it.
 */
export function leaveOutPromiseTraces(): void {
  const { default: sdk } = debuggable as unknown as { readonly default: Debuggable };
  const { debuggablePromise, debugPromiseLeaks } = sdk;
  if (left || debugPromiseLeaks) return;
  left = true;
  sdk.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}
