import http from "node:http";
import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { compressionLevel } from "../../function-code/upload.ts";
import { RateLimits } from "../../local/vendors/sentinelone/api/rate-limits.ts";
import { ownFigures } from "./process-figures.ts";

/**
 * The limit: the same bytes fetched, compressed at the same level and posted, with no work on them, in a process of its own.
 * `node limit.ts <console> <sink> <rows> <streams> [paced]`; prints its figures. `paced`: each stream asks a console of its own, within what
 * that lets through.
 */
const [source = "", sink = "", rows = "0", streams = "1", pace] = process.argv.slice(2);

const pageSize = 1000;
/** Pages that are on their way at a time, for each stream. */
const lanes = 4;
const compress = promisify(gzip);
const plain = new http.Agent({ keepAlive: true });
const secure = new https.Agent({ keepAlive: true });

function exchange(url: URL, body?: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const method = body ? "POST" : "GET";
    const request =
      url.protocol === "https:"
        ? https.request(url, { method, agent: secure })
        : http.request(url, { method, agent: plain });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks)));
    });
    request.end(body);
  });
}

let bytesUploaded = 0;
let requests = 0;

const limits = new RateLimits();

async function turn(stream: number): Promise<void> {
  if (pace !== "paced") return;
  while (!limits.take(`${stream}`, "/activities", performance.now())) await sleep(5);
}

async function copy(stream: number, starts: Iterator<number>): Promise<void> {
  const posted: Promise<void>[] = [];
  for (let next = starts.next(); !next.done; next = starts.next()) {
    await turn(stream);
    const page = await exchange(
      new URL(`/web/api/v2.1/activities?limit=${pageSize}&cursor=${next.value}&skipCount=true`, source),
    );
    requests++;
    if (posted.length > 1) await posted.shift();
    posted.push(post(page));
  }
  await Promise.all(posted);
}

async function post(page: Buffer): Promise<void> {
  const body = await compress(page, { level: compressionLevel, chunkSize: 256 * 1024 });
  bytesUploaded += body.length;
  await exchange(new URL("/limit", sink), body);
}

function* startsOfPages() {
  for (let start = 0; start < Number(rows); start += pageSize) yield start;
}

const startedAt = performance.now();
await Promise.all(
  Array.from({ length: Number(streams) }, async (_, stream) => {
    const starts = startsOfPages();
    await Promise.all(Array.from({ length: lanes }, () => copy(stream, starts)));
  }),
);
const wallSeconds = (performance.now() - startedAt) / 1000;
console.log(
  JSON.stringify({
    rows: Number(rows) * Number(streams),
    wallSeconds,
    ...ownFigures(),
    requests,
    bytesUploaded,
  }),
);
process.exit(0);
