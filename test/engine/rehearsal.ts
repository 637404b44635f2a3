import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { servePlugins } from "../../local/azure/engine/plugins.ts";
import type { Program } from "../../local/azure/evaluator/run-program.ts";
import { startLocalAzure } from "../../local/azure/local-azure.ts";
import { EngineDouble } from "../local/azure/engine/engine-double.ts";
import { runByLanguageHost } from "../local/azure/engine/language-host.ts";
import { published } from "../local/azure/engine/published-code.ts";
import { connectorProgram } from "../local/azure/engine/whole-program.ts";
import { ProgramCopy } from "./program-copy.ts";
import { type Stack, type Subject, type Subscription, sorted } from "./subject.ts";

/**
 * The double of Pulumi's engine over a whole local Azure, the program in a process of its own: what can be known of a real run without a
 * CLI. Only code is not really published.
 * @param nodeArguments arguments for the program's Node
 */
export const rehearse = (nodeArguments: readonly string[] = []): Subject => ({
  name: "the engine's double",

  async open(): Promise<Subscription> {
    await using started = new AsyncDisposableStack();
    const copy = started.use(new ProgramCopy());
    const azure = started.use(await startLocalAzure({ timers: "manual" }));
    const plugins = started.use(await servePlugins(azure.cloud));
    const publications: string[] = [];
    const engine = started.use(
      new EngineDouble(plugins, published(publications), (program, monitor, options) =>
        runByLanguageHost(program, monitor, { ...options, nodeArguments, env: azure.operatorEnvironment }),
      ),
    );

    const stack = (name: string, settings: object): Stack => {
      let current = settings;
      const program = (): Program => ({ ...connectorProgram(copy, current, name), entry: copy.path(mainOf(copy)) });
      const run = async (preview: boolean) => sorted((await engine.up(program(), { preview })).steps);
      return {
        name,
        configure(settings) {
          current = settings;
          return Promise.resolve();
        },
        preview: () => run(true),
        up: () => run(false),
        refresh: async () => sorted(await engine.refresh(program())),
        unprotect: () => Promise.resolve(engine.unprotect(program())),
        destroy: async () => sorted(await engine.destroy(program())),
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
      publications: () => publications.length,
      stack: (name, settings) => Promise.resolve(stack(name, settings)),
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  },
});

const mainOf = (copy: ProgramCopy) =>
  (parse(readFileSync(copy.path("Pulumi.yaml"), "utf8")) as { readonly main: string }).main;
