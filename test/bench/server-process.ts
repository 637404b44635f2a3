import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A server in a process of its own, so that what it costs is not taken for the worker's. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
}

/** Starts a file of this folder that calls `serveParent`. */
export async function startServer(file: string, options: object): Promise<ServerProcess> {
  const child = fork(join(import.meta.dirname, file), [], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  child.send(options);
  const [url] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error(`${file} ended before it served.`))),
  ])) as [string];
  return {
    url,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

/** Starts what the parent asked for, tells it the address, and ends with it. */
export async function serveParent<Options>(start: (options: Options) => Promise<string>): Promise<void> {
  process.on("disconnect", () => process.exit(0));
  const [options] = (await once(process, "message")) as [Options];
  process.send?.(await start(options));
}
