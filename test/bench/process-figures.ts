import { readFileSync } from "node:fs";

/** What a process has taken since it started. */
export interface ProcessFigures {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  /** Highest resident set. */
  readonly peakRssBytes: number;
}

/** Of any process, by its id. Linux only: `/proc`. */
export function figuresOf(pid: number): ProcessFigures {
  const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  const afterName = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ", 2)[1]?.split(" ") ?? [];
  // In hundredths of a second.
  const [user, system] = [Number(afterName[11]), Number(afterName[12])];
  return { userSeconds: user / 100, systemSeconds: system / 100, peakRssBytes: Number(peak) * 1024 };
}

export const ownFigures = (): ProcessFigures => figuresOf(process.pid);

/** A child of this process whose command line holds a word. */
export function childWith(word: string): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  const pid = children.find((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes(word));
  if (pid === undefined) throw new Error(`No child process of this one runs ${word}.`);
  return Number(pid);
}
