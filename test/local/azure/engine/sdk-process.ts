import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

/** A server of Pulumi's SDK in a process of its own. */
export interface SdkProcess extends AsyncDisposable {
  readonly port: number;
}

export interface SdkProcessOptions {
  /** Folder that it is started in. */
  readonly cwd: string;
  /** Its whole environment. */
  readonly env: NodeJS.ProcessEnv;
  /** What it is given behind the engine's address. */
  readonly args?: readonly string[];
  readonly stderr: "inherit" | "ignore";
}

/** Starts one of the SDK's commands, which tells its port in its first line. @param command e.g. `dynamic-provider` */
export async function startSdkProcess(
  command: string,
  { cwd, env, args = [], stderr }: SdkProcessOptions,
): Promise<SdkProcess> {
  const entry = createRequire(import.meta.url).resolve(`@pulumi/pulumi/cmd/${command}`);
  const child = spawn(process.execPath, [entry, "127.0.0.1:1", ...args], {
    cwd,
    env,
    stdio: ["ignore", "pipe", stderr],
  });
  const exited = once(child, "exit");
  const [port] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    port: Number(port),
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}
