import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { startSentinelOne } from "../../local/vendors/sentinelone.ts";
import { serveParent } from "./server-process.ts";

export interface ActivityConsoleOptions {
  readonly rows: number;
  /** Times of the first and the last activity: epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds until a request is answered. */
  readonly latency: number;
}

/**
 * A console with so many activities and nothing else. Its pages are put together from records of the simulator, as long and as
 * compressible as theirs, with ids and times of their own, so that serving costs little.
 */
async function start({ rows, from, to, latency }: ActivityConsoleOptions): Promise<string> {
  const records = await simulatedRecords();
  const first = from * 1000;
  const step = Math.floor(((to - from) * 1000) / rows);

  /** Of the first activity from a time on. */
  const indexAt = (time: string | null): number | undefined => {
    if (time === null) return undefined;
    const micros = Date.parse(`${time.slice(0, 19)}Z`) * 1000 + Number(time.slice(20, 26));
    return Math.min(rows, Math.max(0, Math.ceil((micros - first) / step)));
  };
  const page = (query: URLSearchParams): Buffer => {
    const from = indexAt(query.get("createdAt__gte")) ?? 0;
    const to = indexAt(query.get("createdAt__lt")) ?? rows;
    const start = Number(query.get("cursor") ?? from);
    const end = query.get("countOnly") === "true" ? start : Math.min(to, start + Number(query.get("limit") ?? 10));
    const parts: Buffer[] = [];
    for (let index = start; index < end; index++) {
      parts.push(Buffer.from(parts.length === 0 ? "" : ","), recordAt(records, index, first + index * step));
    }
    const cursor = end < to && end > start ? `"${end}"` : "null";
    const envelope = `],"pagination":{"nextCursor":${cursor},"totalItems":${to - from}}}`;
    return Buffer.concat([Buffer.from('{"data":['), ...parts, Buffer.from(envelope)]);
  };
  const answer = ({ pathname, searchParams }: URL, response: ServerResponse) => {
    response.setHeader("Content-Type", "application/json");
    const isUser = pathname.endsWith("/user");
    response.end(isUser ? '{"data":{"apiToken":{"expiresAt":"2099-01-01T00:00:00Z"}}}' : page(searchParams));
  };
  const server = createServer((request, response) => {
    setTimeout(() => answer(new URL(request.url ?? "/", "http://x"), response), latency);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface RenderedRecord {
  readonly text: Buffer;
  readonly idAt: number;
  readonly timesAt: readonly number[];
}

async function simulatedRecords(): Promise<readonly RenderedRecord[]> {
  await using simulator = await startSentinelOne({ seed: 1 });
  const headers = { authorization: `ApiToken ${simulator.token}` };
  const answer = await fetch(`${simulator.url}/web/api/v2.1/activities?limit=1000`, { headers });
  const { data } = (await answer.json()) as { data: Record<string, unknown>[] };
  return data.map((record) => {
    const id = "#".repeat(19);
    const time = "@".repeat(27);
    const text = Buffer.from(JSON.stringify({ ...record, id, createdAt: time, updatedAt: time }));
    return { text, idAt: text.indexOf(id), timesAt: [text.indexOf(time), text.lastIndexOf(time)] };
  });
}

function recordAt(records: readonly RenderedRecord[], index: number, micros: number): Buffer {
  const { text, idAt, timesAt } = records[index % records.length] as RenderedRecord;
  const record = Buffer.from(text);
  const fraction = String(micros % 1_000_000).padStart(6, "0");
  const time = `${new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19)}.${fraction}Z`;
  record.write(String(1_000_000_000_000_000_000n + BigInt(index)), idAt, "latin1");
  for (const at of timesAt) record.write(time, at, "latin1");
  return record;
}

await serveParent(start);
