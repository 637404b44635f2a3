import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { serveParent } from "./server-process.ts";

export interface SinkOptions {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

/** An ingestion endpoint that acknowledges everything and keeps nothing. `GET /` tells how many bytes it was sent. */
async function start({ certificate, key }: SinkOptions): Promise<string> {
  let bytes = 0;
  const server = createServer({ cert: certificate, key, keepAliveTimeout: 600_000 }, (request, response) => {
    if (request.method === "GET") {
      response.end(JSON.stringify({ bytes }));
      return;
    }
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on("end", () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

await serveParent(start);
