import { type Reporter, resourceLine, streamLine } from "./reporter.ts";

/** A line per event, for logs and pipes: each resource that changed, each stream when it is finished. */
export function plainReporter(out: NodeJS.WritableStream): Reporter {
  const finishedStreams = new Set<string>();
  const print = (line: string) => void out.write(`${line}\n`);
  return {
    note: print,
    resource(progress) {
      if (progress.kind !== "same") print(resourceLine(progress));
    },
    collecting(targets) {
      finishedStreams.clear();
      print(`collecting ${targets.length} streams`);
    },
    deployed: (resources) => print(`deployed ${resources} resources`),
    stream(summary, finished) {
      const key = `${summary.connection} ${summary.vendor}/${summary.stream}`;
      if (!finished || finishedStreams.has(key)) return;
      finishedStreams.add(key);
      print(streamLine(summary, finished));
    },
    end: () => Promise.resolve(),
  };
}
