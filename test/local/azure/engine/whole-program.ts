import { pathToFileURL } from "node:url";
import type { LocalCloud } from "../../../../local/azure/cloud.ts";
import type { Program } from "../../../../local/azure/evaluator/run-program.ts";
import { resourceDocument } from "../../../../local/azure/resource-manager/resource-document.ts";
import { projectName, readStackConfig } from "../../../../local/commands/stack-config.ts";
import type { ProgramCopy } from "../../../engine/program-copy.ts";
import { connections } from "../../../engine/subject.ts";
import type { EngineDouble, Run, UpOptions } from "./engine-double.ts";

/** The connector for one stack, its settings those of `local` and what a test adds. */
export function connectorProgram(copy: ProgramCopy, settings: object = {}, stack = "local"): Program {
  const { values, secretKeys } = readStackConfig("local", { connections, ...settings }, ["connections"]);
  return { entry: copy.path("stacks/index.ts"), project: projectName(), stack, config: values, secretKeys };
}

/** Runs the connector's program in this process, where its preflight sees what is deployed. */
export async function up(
  { engine, cloud }: { readonly engine: EngineDouble; readonly cloud: Pick<LocalCloud, "state"> },
  copy: ProgramCopy,
  program: Program,
  options?: UpOptions,
): Promise<Run> {
  const { withResourceManager } = (await import(
    pathToFileURL(copy.path("components/resource-manager.ts")).href
  )) as typeof import("../../../../components/resource-manager.ts");
  type Reader = Parameters<typeof withResourceManager>[0];
  const reader = {
    get: (id: string) => {
      const found = cloud.state.get(id);
      return Promise.resolve(found && resourceDocument(found));
    },
    list: (collection: string) => {
      const all = cloud.state.list("azure-native:operationalinsights:SavedSearch");
      return Promise.resolve(all.filter(({ id }) => id.startsWith(`${collection}/`)).map(resourceDocument));
    },
  };
  return withResourceManager(reader as unknown as Reader, () => engine.up(program, options));
}
