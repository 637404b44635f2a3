import * as pulumi from "@pulumi/pulumi";
import * as log from "@pulumi/pulumi/log/index.js";
import * as debuggable from "@pulumi/pulumi/runtime/debuggable.js";

/** Internal to the SDK and absent from its declarations. */
interface Internals {
  readonly debuggable: {
    readonly debugPromiseLeaks: boolean;
    debuggablePromise: <T>(promise: Promise<T>, context: string) => Promise<T>;
  };
  readonly log: { debug: typeof log.debug };
  readonly Resource: { callsites: () => readonly object[] };
}

/** As the SDK's own modules see each other: what is exported to others is a copy. */
const sdk = {
  debuggable: exportsOf(debuggable),
  log: exportsOf(log),
  Resource: pulumi.Resource,
} as unknown as Internals;

/**
 * What the SDK does to be debugged itself costs as much as all the rest that it does for this many resources, and is hardly ever shown: a
 * stack trace of each of its twenty thousand promises (wanted with `PULUMI_DEBUG_PROMISE_LEAKS`) and another, from the program's beginning, of
 * each resource; and three messages a resource, whole answers in them, sent to the engine one after the other. Errors keep their traces.
 */
sdk.Resource.callsites = () => [];
sdk.log.debug = () => Promise.resolve();
const { debuggablePromise, debugPromiseLeaks } = sdk.debuggable;
if (!debugPromiseLeaks) {
  sdk.debuggable.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

function exportsOf(module: object): unknown {
  return (module as { readonly default: unknown }).default;
}
