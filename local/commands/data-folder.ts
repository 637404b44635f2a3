import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StackResource } from "../../stacks/operator/stack-resources.ts";
import { UserError } from "./user-error.ts";

/** Who holds a data folder, and how to reach its local Azure; `running.json` inside the folder, readable by its owner alone. */
export interface Running {
  readonly pid: number;
  readonly startedAt: string;
  /** Environment with which a child of ours talks to the running local Azure as its operator; absent while it starts. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Outputs of the deployed stack, without those that are secret; absent until it is deployed. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** What was deployed, as far as `npm run connector -- drift` compares it; absent where the Pulumi CLI keeps it. */
  readonly resources?: readonly StackResource[];
}

const fileIn = (folder: string) => join(folder, "running.json");

/** The process that holds the folder, if it is alive. A file left behind by a killed one counts as nobody. */
export function readRunning(folder: string): Running | undefined {
  try {
    const running = JSON.parse(readFileSync(fileIn(folder), "utf8")) as Running;
    return isAlive(running.pid) ? running : undefined;
  } catch {
    return undefined;
  }
}

/** Holds a data folder for this process until it is disposed. */
export class DataFolder implements Disposable {
  readonly path: string;
  readonly #startedAt = new Date().toISOString();

  private constructor(path: string) {
    this.path = path;
  }

  /** Creates the folder if need be; throws `UserError` when another process holds it or it cannot be written. */
  static hold(path: string): DataFolder {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      const holder = readRunning(path);
      if (holder) {
        throw new UserError(
          `${path} is in use by process ${holder.pid}, started at ${holder.startedAt}.\nStop it (Ctrl-C in its terminal), or choose another folder with --data DIR.`,
        );
      }
      rmSync(fileIn(path), { force: true });
      const folder = new DataFolder(path);
      // "wx": of two processes that start in the same instant, one wins.
      closeSync(openSync(fileIn(path), "wx", 0o600));
      folder.publish({});
      return folder;
    } catch (error) {
      if (error instanceof UserError) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "EEXIST")
        throw new UserError(
          `${path} was taken by another process this very moment. Choose another folder with --data DIR.`,
        );
      throw new UserError(`The data folder ${path} cannot be used: ${message}\nChoose another with --data DIR.`);
    }
  }

  /** Tells other commands how to reach this process. */
  publish(details: Pick<Running, "environment" | "outputs" | "resources">): void {
    const running: Running = { pid: process.pid, startedAt: this.#startedAt, ...details };
    writeFileSync(fileIn(this.path), `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 });
  }

  [Symbol.dispose](): void {
    rmSync(fileIn(this.path), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
