import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { ownEnvironment } from "../network/child-environment.ts";
import type { Azurite, StoragePorts } from "./azurite.ts";

/** What the child tells its parent: first that it serves, or why it does not; then whether it can save, whenever that changes. */
export type AzuriteMessage =
  | { readonly ports: StoragePorts }
  | { readonly error: string }
  | { readonly fault: string | null };

/**
 * Starts Azurite in a child process with its files in `folder`. Azurite writes to disk once a second only; the child outlives a
 * killed parent for as long as saving takes, so nothing that was answered is lost with the parent.
 */
export async function forkAzurite(folder: string): Promise<Azurite> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const child = fork(new URL("azurite-child.ts", import.meta.url), [folder], {
    execArgv: [],
    env: ownEnvironment(),
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const message = await firstMessage(child);
  if (!("ports" in message)) {
    throw new Error(
      `The storage service did not start in ${folder}: ${"error" in message ? message.error : message.fault}`,
    );
  }
  let fault: string | undefined;
  child.on("message", (later: AzuriteMessage) => {
    if ("fault" in later) fault = later.fault ?? undefined;
  });
  const ended = once(child, "exit");
  // The parent may end without waiting for its child: the lost channel tells the child to save and go.
  child.unref();
  child.channel?.unref();
  return {
    ports: message.ports,
    fault: () => fault,
    close: async () => {
      child.ref();
      if (child.connected) child.disconnect();
      const [code] = (await ended) as [number | null];
      if (code !== 0)
        throw new Error(`The storage service in ${folder} ended with code ${code}: its last changes may not be saved.`);
    },
  };
}

async function firstMessage(child: ChildProcess): Promise<AzuriteMessage> {
  const waiting = new AbortController();
  try {
    return await Promise.race([
      once(child, "message", waiting).then(([message]) => message as AzuriteMessage),
      once(child, "exit", waiting).then(([code]) => ({ error: `its process ended with code ${String(code)}.` })),
    ]);
  } finally {
    waiting.abort();
  }
}
