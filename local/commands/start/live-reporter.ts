import { type DefaultRenderer, Listr, type ListrTaskWrapper, type SimpleRenderer } from "listr2";
import { type Reporter, resourceLine, streamLine } from "./reporter.ts";
import type { Target } from "./session.ts";
import type { StreamSummary } from "./summary.ts";

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** A line of a live list: filled from outside, ended from outside. */
class LiveLine {
  readonly #end = Promise.withResolvers<void>();
  #task: Task | undefined;
  #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  run(task: Task): Promise<void> {
    this.#task = task;
    task.title = this.#text;
    return this.#end.promise;
  }

  title(text: string): void {
    this.#text = text;
    if (this.#task) this.#task.title = text;
  }

  detail(text: string): void {
    if (this.#task) this.#task.output = text;
  }

  done(): void {
    this.#end.resolve();
  }

  fail(): void {
    this.#end.reject(new Error(this.#text));
  }
}

/** One live line per stream, and one for the deployment, on a terminal. */
export function liveReporter(): Reporter {
  const deployment = new LiveLine("Deploying");
  let settled = 0;
  let lines = new Map<string, LiveLine>();
  let shown = show(new Map([["deployment", deployment]]));
  const key = ({ connection, vendor, stream }: Target | StreamSummary) => `${connection} ${vendor}/${stream}`;

  return {
    note: (line) => console.log(line),
    resource(progress) {
      settled++;
      deployment.title(`Deploying: ${settled} resources`);
      deployment.detail(resourceLine(progress));
    },
    collecting(targets) {
      deployment.title(`Deployed ${settled} resources`);
      deployment.done();
      lines = new Map(targets.map((target) => [key(target), new LiveLine(key(target))]));
      shown = shown.then(() => show(lines));
    },
    stream(summary, finished) {
      const line = lines.get(key(summary));
      line?.title(streamLine(summary, finished));
      if (!finished) return;
      if (summary.status === "ok" || summary.status === "empty") line?.done();
      else line?.fail();
    },
    end() {
      deployment.done();
      for (const line of lines.values()) line.done();
      return shown;
    },
  };
}

async function show(lines: ReadonlyMap<string, LiveLine>): Promise<void> {
  const tasks = [...lines].map(([title, line]) => ({ title, task: (_: unknown, task: Task) => line.run(task) }));
  // A stream that failed is said in the summary; here it only ends its line.
  await new Listr(tasks, {
    renderer: "default",
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
    rendererOptions: { collapseErrors: false, showErrorMessage: false },
  }).run();
}
