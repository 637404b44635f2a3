import { createRequire } from "node:module";
import { join } from "node:path";
import { constants, runInThisContext } from "node:vm";
import type { DynamicAnswer, DynamicCall } from "./dynamic-provider.ts";

/**
 * Runs dynamic providers in a process of their own, as Pulumi's engine does: from the text that the program serialised, with the program's
 * folder as working directory, from where the text's own imports are resolved.
 */
type Method = (...args: unknown[]) => unknown;
type DynamicProvider = Record<string, Method | undefined>;

const providers = new Map<string, DynamicProvider>();

function provider(text: string): DynamicProvider {
  const known = providers.get(text);
  if (known) return known;
  const filename = join(process.cwd(), "__provider__.cjs");
  const load = runInThisContext(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
    filename,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as Method;
  const module: { exports: Record<string, Method> } = { exports: {} };
  load(module.exports, createRequire(filename), module, filename, process.cwd());
  const loaded = module.exports["handler"]?.() as DynamicProvider;
  if (loaded["configure"]) throw new Error("A dynamic provider with `configure` is not supported by the local Azure.");
  providers.set(text, loaded);
  return loaded;
}

async function answer({ id, method, provider: text, args }: DynamicCall): Promise<DynamicAnswer> {
  try {
    const loaded = provider(text);
    const run = loaded[method];
    if (!run) return { id, implemented: false };
    return { id, implemented: true, result: await run.apply(loaded, [...args]) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

process.on("message", (call: DynamicCall) => {
  void answer(call).then((reply) => process.send?.(reply));
});
