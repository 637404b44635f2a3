import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { servePlugins } from "../../local/azure/engine/plugins.ts";
import type { Program } from "../../local/azure/evaluator/run-program.ts";
import { startLocalAzure } from "../../local/azure/local-azure.ts";
import { DeploymentSite } from "../fixtures/deployment-site.ts";
import { DynamicHost } from "../local/azure/engine/dynamic-host.ts";
import { EngineDouble } from "../local/azure/engine/engine-double.ts";
import { runByLanguageHost } from "../local/azure/engine/language-host.ts";
import { connectorProgram } from "../local/azure/engine/whole-program.ts";
import { violationsOf } from "../local/policy/violations.ts";
import { ProgramCopy } from "./program-copy.ts";
import { type Stack, type Subject, type Subscription, sorted } from "./subject.ts";

/**
 * The double of Pulumi's engine over a whole local Azure, program, dynamic resources and policies in processes of their own: what can be
 * known of a real run without a CLI.
 * @param nodeArguments arguments for the program's Node
 */
export const rehearse = (nodeArguments: readonly string[] = []): Subject => ({
  name: "the engine's double",

  async open(environment): Promise<Subscription> {
    await using started = new AsyncDisposableStack();
    const copy = started.use(new ProgramCopy());
    const site = new DeploymentSite();
    const { fault } = site;
    const azure = started.use(await startLocalAzure({ timers: "manual", fault, ...(environment && { environment }) }));
    const plugins = started.use(await servePlugins(azure.cloud));
    const dynamic = started.use(new DynamicHost(copy.path("stacks"), azure.operatorEnvironment));
    const engine = started.use(
      new EngineDouble(plugins, dynamic, (program, monitor, options) =>
        runByLanguageHost(program, monitor, { ...options, nodeArguments, env: azure.operatorEnvironment }),
      ),
    );
    /** Each command has a process of its own for dynamic resources. */
    const command = async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await work;
      } finally {
        await dynamic.stop();
      }
    };

    const stack = (name: string, settings: object): Stack => {
      let current = settings;
      const program = (): Program => ({ ...connectorProgram(copy, current, name), entry: copy.path(mainOf(copy)) });
      const run = (preview: boolean) => command(engine.up(program(), { preview }));
      return {
        name,
        configure(settings) {
          current = settings;
          return Promise.resolve();
        },
        preview: async () => sorted((await run(true)).steps),
        async previewUnderPolicies() {
          const violations = await violationsOf((await run(true)).resources);
          if (violations.length > 0) throw new Error(violations.join("\n"));
        },
        up: async () => sorted((await run(false)).steps),
        refresh: async () => sorted(await command(engine.refresh(program()))),
        unprotect: () => Promise.resolve(engine.unprotect(program())),
        destroy: async () => sorted(await command(engine.destroy(program()))),
        rename(other) {
          engine.rename(program(), other);
          return Promise.resolve(stack(other, current));
        },
        exported: () => Promise.resolve(engine.exported(program())),
      };
    };
    const resources = started.move();
    return {
      cloud: azure.cloud,
      copy,
      site,
      stack: (name, settings) => Promise.resolve(stack(name, settings)),
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  },
});

const mainOf = (copy: ProgramCopy) =>
  (parse(readFileSync(copy.path("Pulumi.yaml"), "utf8")) as { readonly main: string }).main;
