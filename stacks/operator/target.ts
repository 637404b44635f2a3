import { fork } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { type Deployment, localDeployment, stackDeployment } from "./deployment.ts";
import { exportedResources, localResources, type StackResource } from "./stack-resources.ts";

/** What a command acts on. */
export interface TargetOptions {
  /** A stack that the Pulumi CLI knows. */
  readonly stack?: string;
  /** Otherwise the data folder of a running local Azure. */
  readonly data: string;
}

export interface Target {
  readonly deployment: Deployment;
  /** What the stack deployed: as the CLI keeps it, or the data folder of a local Azure. */
  readonly resources: () => Promise<readonly StackResource[]>;
}

/** Set in the child that runs inside the environment of a local Azure: the stack's outputs, and the data folder. */
const insideVariable = "CONNECTOR_DEPLOYMENT";
const folderVariable = "CONNECTOR_DATA";

/** Environment of a process that finds the local Azure of this data folder, and is inside of it. */
export function insideEnvironment(folder: string): Readonly<Record<string, string>> {
  const { deployment, environment } = localDeployment(folder);
  return { ...environment, [insideVariable]: JSON.stringify(deployment), [folderVariable]: folder };
}

/** Finds what is meant; undefined where a child of this process has done the work, with its exit code taken over. */
export async function findTarget({ stack, data }: TargetOptions): Promise<Target | undefined> {
  const { [insideVariable]: inside, [folderVariable]: dataFolder = "" } = process.env;
  if (inside) {
    return {
      deployment: JSON.parse(inside) as Deployment,
      resources: () => Promise.resolve(localResources(dataFolder)),
    };
  }
  if (stack) return { deployment: await stackDeployment(stack), resources: () => exportedResources(stack) };
  // The redirect to the local Azure has to be there before anything else is loaded: so the work is done in a child.
  const [, entry = "", ...args] = process.argv;
  const child = fork(entry, args, {
    env: insideEnvironment(resolve(process.env["INIT_CWD"] ?? process.cwd(), data)),
    stdio: "inherit",
  });
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 1;
  return undefined;
}
