import { type DefaultRenderer, Listr, type ListrTaskWrapper, type SimpleRenderer } from "listr2";
import { type Reporter, resourceLine, streamLine } from "./reporter.ts";
import type { Target } from "./session.ts";
import type { StreamSummary } from "./summary.ts";

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** A line of a live list: filled from outside, ended from outside. */
class LiveLine {
  readonly #end = Promise.withResolvers<void>();
  #task: Task | undefined;
  #ended = false;
  #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get text(): string {
    return this.#text;
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
    this.#ended = true;
    this.#end.resolve();
  }

  fail(): void {
    this.#ended = true;
    this.#end.reject(new Error(this.#text));
  }

  /** What never got so far is neither well nor wrong. */
  leave(): void {
    if (this.#ended) return;
    this.#task?.skip();
    this.done();
  }
}

/** One live line for the deployment, and below it one per stream, on a terminal. */
export function liveReporter(): Reporter {
  const deployment = new LiveLine("Deploying");
  const collection = Promise.withResolvers<ReadonlyMap<string, LiveLine>>();
  const shown = show(deployment, collection.promise);
  let settled = 0;
  let lines: ReadonlyMap<string, LiveLine> = new Map();
  const key = ({ connection, vendor, stream }: Target | StreamSummary) => `${connection} ${vendor}/${stream}`;

  return {
    note: (line) => console.log(line),
    resource(progress) {
      settled++;
      deployment.title(`Deploying: ${settled} resources`);
      deployment.detail(resourceLine(progress));
    },
    collecting(targets) {
      lines = new Map(targets.map((target) => [key(target), new LiveLine(key(target))]));
      collection.resolve(lines);
    },
    deployed(resources) {
      deployment.title(`Deployed ${resources} resources`);
      deployment.done();
    },
    stream(summary, finished) {
      const line = lines.get(key(summary));
      line?.title(streamLine(summary, finished));
      if (!finished) return;
      if (summary.status === "ok" || summary.status === "empty") line?.done();
      else line?.fail();
    },
    end() {
      for (const line of [deployment, ...lines.values()]) line.leave();
      collection.resolve(lines);
      return shown;
    },
  };
}

async function show(deployment: LiveLine, collection: Promise<ReadonlyMap<string, LiveLine>>): Promise<void> {
  const taskOf = (line: LiveLine) => ({ title: line.text, task: (_: unknown, task: Task) => line.run(task) });
  // It has no title, so that its lines stand beside that of the deployment.
  const streams = async (_: unknown, task: Task) => task.newListr([...(await collection).values()].map(taskOf));
  // A stream that failed is said in the summary; here it only ends its line.
  await new Listr([taskOf(deployment), { task: streams }], {
    renderer: "default",
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
    rendererOptions: { collapseErrors: false, collapseSubtasks: false, collapseSkips: true, showErrorMessage: false },
  }).run();
}
