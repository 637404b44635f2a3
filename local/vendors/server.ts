import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SimulatorAnswer, SimulatorOptions, SimulatorRequest } from "./simulator.ts";

export interface Incoming extends SimulatorRequest {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface VendorServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Plain HTTP on loopback, with the `Date` header of the simulator's own clock. */
export async function serve(
  options: Pick<SimulatorOptions, "port" | "intercept">,
  now: () => number,
  answer: (request: Incoming) => SimulatorAnswer,
): Promise<VendorServer> {
  let count = 0;
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = new URL(incoming.url ?? "/", "http://simulator");
    const request: Incoming = {
      method: incoming.method ?? "GET",
      path: target.pathname,
      query: target.searchParams,
      count: ++count,
      headers: incoming.headers,
      body: await readBody(incoming),
    };
    send(response, now(), (await options.intercept?.(request)) ?? answer(request));
  };
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else send(response, now(), { status: 500, body: `The simulator failed: ${String(error)}\n` });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        // Closing twice is fine: the error only says that the server is closed already.
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, now: number, answer: SimulatorAnswer): void {
  const body = typeof answer.body === "string" ? Buffer.from(answer.body) : Buffer.from(answer.body ?? []);
  response.sendDate = false;
  response.writeHead(answer.status, {
    Date: new Date(now).toUTCString(),
    "Content-Length": body.byteLength,
    ...answer.headers,
  });
  if (answer.cutAfter === undefined) response.end(body);
  else response.write(body.subarray(0, answer.cutAfter), () => response.destroy());
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

export const json = (status: number, body: string): SimulatorAnswer => ({
  status,
  headers: { "Content-Type": "application/json" },
  body,
});
