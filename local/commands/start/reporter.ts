import type { Progress } from "../../azure/evaluator/deployment.ts";
import type { Target } from "./session.ts";
import type { StreamSummary } from "./summary.ts";

/** Shows what happens while it happens. */
export interface Reporter {
  /** A line of its own, at any time. */
  note(line: string): void;
  resource(progress: Progress): void;
  /** All that collecting needs is deployed; the streams are collected from now on. */
  collecting(targets: readonly Target[]): void;
  /** The rest is deployed too. */
  deployed(resources: number): void;
  /** Where a stream stands in this pass; the last call for a stream says that it is finished. */
  stream(summary: StreamSummary, finished: boolean): void;
  /** Nothing further comes; resolves when all is on the screen. */
  end(): Promise<void>;
}

const verbs: Readonly<Record<Progress["kind"], string>> = {
  create: "created",
  update: "updated",
  replace: "replaced",
  delete: "deleted",
  same: "unchanged",
  import: "imported",
};

/** `created keyvault:Vault connector-vault`. */
export const resourceLine = ({ kind, type, name }: Progress) =>
  `${verbs[kind].padEnd(9)} ${type.replace(/^azure-native:/, "")} ${name}`;

/** `sentinelone-simulator sentinelone/threats  ok  1,204 fetched, 1,204 stored`. */
export function streamLine(
  { connection, vendor, stream, status, fetched, uploaded, error }: StreamSummary,
  finished: boolean,
): string {
  const name = `${connection} ${vendor}/${stream}`;
  const rows = `${fetched.toLocaleString("en-US")} fetched, ${uploaded.toLocaleString("en-US")} delivered`;
  if (!finished) return `${name}  ${rows}`;
  return `${name}  ${status}  ${error ?? rows}`;
}
