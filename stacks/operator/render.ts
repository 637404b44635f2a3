import Table from "cli-table3";
import type { PathStanding } from "./doctor.ts";
import type { Drift } from "./drift.ts";
import type { FeedProbe, ProbeResult } from "./probe.ts";
import type { SelfTestAnswer } from "./selftest.ts";
import { hasPassed, type SmokeResult } from "./smoke.ts";
import type { StreamStanding } from "./status.ts";
import type { TokenStanding } from "./token.ts";
import type { WindowStanding } from "./window-standing.ts";

/** A line per stream, and below them a paragraph for each that has something to say. */
export function renderStandings(standings: readonly StreamStanding[]): string {
  const table = new Table({
    head: ["connection", "stream", "status", "watermark", "lag", "last run", "delivered", "token ends"],
    style: { head: [], border: [] },
  });
  for (const row of standings) {
    table.push([
      row.connection,
      row.stream,
      row.caughtUp || row.status !== "ok" ? row.status : `${row.status}, catching up`,
      row.watermark ?? "",
      row.lagSeconds === null ? "" : duration(row.lagSeconds),
      row.lastRunAt ?? "never",
      row.uploaded.toLocaleString("en-US"),
      row.tokenExpiresAt ?? "",
    ]);
  }
  const errors = standings
    .filter(({ lastError }) => lastError)
    .map((row) => `${row.connection} ${row.stream}: ${row.lastError}`);
  const windows = standings.flatMap(({ connection, stream, windows: open }) =>
    open.map((window) => `${connection} ${stream}: ${renderWindow(window)}`),
  );
  return [table.toString(), ...errors, ...windows].join("\n");
}

/** A line per stream, and below them what kept a stream from passing. */
export function renderSmoke(results: readonly SmokeResult[]): string {
  const table = new Table({
    head: ["", "connection", "stream", "status", "delivered", "stored"],
    style: { head: [], border: [] },
  });
  for (const row of results) {
    const { connection, stream, status } = row;
    const counts = [row.uploaded.toLocaleString("en-US"), row.stored.toLocaleString("en-US")];
    table.push([hasPassed(row) ? "ok" : "FAILED", connection, stream, status, ...counts]);
  }
  const reasons = results
    .filter((row) => !hasPassed(row))
    .map(({ connection, stream, status, error }) => {
      const reason =
        status === "not-yet"
          ? "the deployed code has not reported on it yet"
          : "what was delivered is not in the table";
      return `${connection} ${stream}: ${error ?? reason}`;
    });
  return [table.toString(), ...reasons].join("\n");
}

/** A line per difference. */
export function renderDrift(found: readonly Drift[]): string {
  if (found.length === 0) return "Everything is as the stack deployed it.";
  return found.map(({ resource, difference }) => `${resource}: ${difference}`).join("\n");
}

/** The question, what was seen, and what follows from it. */
export function renderAnswer({ question, good, seen, advice }: SelfTestAnswer): string {
  const word = good === null ? "unknown" : good ? "good" : "BAD";
  return `${word.padEnd(8)} ${question} ${seen}${advice === null ? "" : `\n         ${advice}`}`;
}

/** One line, and a second for what to do. */
export function renderPath({ path, host, status, detail }: PathStanding): string {
  return `${status.padEnd(8)} ${path} (${host})${detail === null ? "" : `\n         ${detail}`}`;
}

/** One line. */
export function renderWindow({
  kind,
  from,
  to,
  readPercent,
  uploaded,
  leftSeconds,
  done,
  lastError,
}: WindowStanding): string {
  const head = `${kind} from ${from} to ${to}`;
  const rows = `${uploaded.toLocaleString("en-US")} rows sent`;
  if (done) return `${head}: done, ${rows}`;
  const rest = leftSeconds === null ? "" : `, about ${duration(leftSeconds)} left`;
  return `${head}: ${readPercent} % read, ${rows}${rest}${lastError === null ? "" : `\n  ${lastError}`}`;
}

export function renderProbe(result: ProbeResult): string {
  return result.kind === "token" ? renderToken(result.token) : renderFeed(result.feed);
}

function renderToken({ connection, owner, scope, roles, expiresAt, error }: TokenStanding): string {
  if (error) return `${connection}: ${error}`;
  const held = roles.length > 0 ? `, role ${roles.join(", ")}` : "";
  return `${connection}: token of ${owner ?? "an unnamed user"}, scope ${scope ?? "unknown"}${held}, ends ${expiresAt ?? "at an unknown time"}`;
}

function renderFeed({ connection, stream, status, permission, records, sample, exchange, error }: FeedProbe): string {
  const head = `${connection} ${stream}: ${status} (needs ${permission})`;
  const guess = exchange ? `\n  ${exchange.request} answered ${exchange.status}: ${exchange.answer}` : "";
  if (error) return `${head}\n  ${error}${guess}`;
  const shape = sample === null ? "" : `\n  ${JSON.stringify(sample)}`;
  return `${head}: ${records} records on the first page of the last day${guess}${shape}`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}
