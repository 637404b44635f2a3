import { startEngine } from "../local/azure/engine/engine.ts";
import { connectorProgram, up } from "../local/azure/engine/whole-program.ts";
import { fakeCloud } from "../local/azure/fake-cloud.ts";
import { ProgramCopy } from "./program-copy.ts";
import { type Stack, type Subject, type Subscription, sorted } from "./subject.ts";

/** The double of Pulumi's engine over providers that deploy nothing: what can be known of a real run without a CLI. */
export const rehearsal: Subject = {
  name: "the engine's double",

  async open(): Promise<Subscription> {
    const copy = new ProgramCopy();
    const started = await startEngine(fakeCloud());
    const { engine, cloud, publications } = started;

    const stack = (name: string, settings: object): Stack => {
      let current = settings;
      // A program that runs twice in a process is loaded once; its modules are loaded anew under another path.
      const program = () => connectorProgram(copy, current, name);
      const run = async (preview: boolean) => {
        copy.move();
        return sorted((await up(started, copy, program(), { preview })).steps);
      };
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
    return {
      cloud,
      copy,
      publications: () => publications.length,
      stack: (name, settings) => Promise.resolve(stack(name, settings)),
      async [Symbol.asyncDispose]() {
        copy[Symbol.dispose]();
        await started[Symbol.asyncDispose]();
      },
    };
  },
};
