import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Cloud } from "../../components/cloud.ts";
import type { NatGateway } from "../../components/network.ts";
import type { CollectionSettings, Connection } from "../../function-code/environment.ts";
import { OperatorError } from "./operator-error.ts";

/** What the operator's commands need of a deployed stack: outputs of `stacks/index.ts`. */
export interface Deployment {
  readonly cloud: Cloud;
  readonly stateTableEndpoint: string;
  readonly queueEndpoint: string;
  readonly ingestionEndpoint: string;
  readonly vaultUri: string;
  readonly publishingHost: string;
  readonly workspaceResourceId: string;
  /** GUID of the workspace. */
  readonly workspaceId: string;
  readonly collection: CollectionSettings;
  readonly connections: readonly Connection[];
  /** Empty, or absent, where the stack made none. */
  readonly natGateway?: Partial<NatGateway>;
  /** What the deployed code calls itself in health rows. */
  readonly bundle: { readonly version: string };
}

/** A stack that a local Azure runs, as its data folder's `running.json` tells. */
interface Running {
  readonly pid: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly outputs?: Deployment;
}

/** The deployment in a local Azure, and the environment in which a process is that Azure's operator. */
export function localDeployment(folder: string): {
  readonly deployment: Deployment;
  readonly environment: Readonly<Record<string, string>>;
} {
  const running = readRunning(folder);
  if (!running) {
    throw new OperatorError(
      `No local Azure runs on ${folder}. Start one with \`npm start\` (its folder is --data DIR), or name a deployed stack with --stack NAME.`,
    );
  }
  const { environment, outputs, pid } = running;
  if (!environment) throw new OperatorError(`Process ${pid} is still deploying into ${folder}. Try again in a moment.`);
  if (!outputs) {
    throw new OperatorError(
      `Nothing is deployed in the local Azure on ${folder} yet. Run \`source ${join(folder, "pulumi.sh")} && pulumi up\` first.`,
    );
  }
  return { deployment: outputs, environment };
}

/** The outputs of a stack, as the Pulumi CLI tells them. */
export async function stackDeployment(stack: string): Promise<Deployment> {
  const outputs = JSON.parse(
    await runPulumi(["stack", "output", "--json", "--stack", stack], stack),
  ) as Partial<Deployment>;
  if (outputs.stateTableEndpoint && outputs.connections && outputs.collection) return outputs as Deployment;
  throw new OperatorError(
    `Stack "${stack}" has no outputs of this program yet. Run \`pulumi up --stack ${stack}\` first.`,
  );
}

/** What the Pulumi CLI prints. Throws `OperatorError` where it prints nothing or is not there. */
export async function runPulumi(args: readonly string[], stack: string): Promise<string> {
  const cli = process.env["PULUMI_BIN"] ?? "pulumi";
  try {
    // The state of a stack with its tables and queries is some megabytes long.
    const options = { cwd: join(import.meta.dirname, "..", ".."), maxBuffer: 256 * 1024 * 1024 };
    const { stdout } = await promisify(execFile)(cli, args, options);
    return stdout;
  } catch (error) {
    const { code, stderr = "" } = error as { code?: string; stderr?: string };
    if (code === "ENOENT") {
      throw new OperatorError(
        `The Pulumi CLI ("${cli}") was not found. Install it, or set PULUMI_BIN; --data DIR asks a local Azure instead.`,
      );
    }
    throw new OperatorError(`Stack "${stack}" could not be read: ${stderr.trim() || "the CLI gave no reason"}`);
  }
}

function readRunning(folder: string): Running | undefined {
  try {
    const running = JSON.parse(readFileSync(join(folder, "running.json"), "utf8")) as Running;
    process.kill(running.pid, 0);
    return running;
  } catch {
    return undefined;
  }
}
