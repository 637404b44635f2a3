import { setTimeout as sleep } from "node:timers/promises";
import { connectResourceManager, withResourceManager } from "../../components/resource-manager.ts";
import type { Evaluation, EvaluationWatch } from "../azure/evaluator/evaluate.ts";
import { principalCredential } from "../azure/identity/credential.ts";
import type { LocalAzure } from "../azure/local-azure.ts";
import { frontAgent } from "../azure/network/front-agent.ts";
import { programEntry, projectName, type StackConfig } from "./stack-config.ts";

/** Reads the program's modules ahead, for whoever has to wait anyway. What is wrong with them shows when the program is run. */
export async function readProgram(): Promise<void> {
  await import("../../components/connector.ts").catch(() => {});
}

/** Brings a local Azure to what `pulumi up --stack <stack>` would: the program runs in this process, and its preflight reads that Azure. */
export async function deployStack(
  azure: LocalAzure,
  stack: string,
  { values, secretKeys }: StackConfig,
  watch?: EvaluationWatch,
): Promise<Evaluation> {
  const agent = frontAgent(azure.front);
  const credential = principalCredential(azure.authority, azure.cloud.operator);
  const program = { entry: programEntry, project: projectName(), stack, config: values, secretKeys };
  try {
    return await withResourceManager(
      connectResourceManager({ credential, agent, now: Date.now, sleep }, azure.cloud.environment.name),
      () => azure.evaluate(program, watch),
    );
  } finally {
    agent.destroy();
  }
}
