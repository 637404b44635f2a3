/**
 * Errors inside `apply` and the like reach no caller: Pulumi leaves them as unhandled rejections. Node runs the event's listeners in the
 * rejection's own async context, so each is told to the evaluation that it belongs to; what belongs to none is treated as if nobody listened.
 */
const owners = new Map<object, (error: Error) => void>();

interface AsyncContext {
  getStore(): object | undefined;
}

function onUnhandledRejection(reason: unknown) {
  const context = (globalThis as { asyncLocalStorage?: AsyncContext }).asyncLocalStorage;
  const tell = owners.get(context?.getStore() ?? owners);
  if (tell) tell(reason instanceof Error ? reason : new Error(String(reason)));
  else if (process.listenerCount("unhandledRejection") === 1) throw reason;
}

/** Tells of the rejections that nobody handles in one async context, until the returned function is called. */
export function claimRejections(context: object, tell: (error: Error) => void): () => void {
  if (owners.size === 0) process.on("unhandledRejection", onUnhandledRejection);
  owners.set(context, tell);
  return () => {
    owners.delete(context);
    if (owners.size === 0) process.off("unhandledRejection", onUnhandledRejection);
  };
}
