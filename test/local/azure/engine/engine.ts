import { join } from "node:path";
import { type Plugins, servePlugins } from "../../../../local/azure/engine/plugins.ts";
import type { Program } from "../../../../local/azure/evaluator/run-program.ts";
import type { Properties } from "../../../../local/azure/resource-manager/provider.ts";
import { programs } from "../evaluator/program.ts";
import { type FakeCloud, fakeCloud } from "../fake-cloud.ts";
import { EngineDouble } from "./engine-double.ts";
import { published } from "./published-code.ts";

/** A cloud whose providers are served, and an engine that is attached to them. */
export interface Engine extends AsyncDisposable {
  readonly cloud: FakeCloud;
  readonly plugins: Plugins;
  readonly engine: EngineDouble;
  /** Digests of the packages that dynamic resources published. */
  readonly publications: readonly string[];
}

export async function startEngine(cloud = fakeCloud()): Promise<Engine> {
  const publications: string[] = [];
  const plugins = await servePlugins(cloud);
  const engine = new EngineDouble(plugins, published(publications));
  return {
    cloud,
    plugins,
    engine,
    publications,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await plugins[Symbol.asyncDispose]();
    },
  };
}

/** One of the evaluator's test programs, for a stack of this name. */
export const program = (name: string, config: Properties = {}, stack = "local"): Program => ({
  entry: join(programs, `${name}.ts`),
  project: "test",
  stack,
  config: Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      `test:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  ),
  secretKeys: ["test:token"],
});
