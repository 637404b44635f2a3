import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A host that redirects and cursors point to. It must never be asked for anything. */
export interface Elsewhere extends AsyncDisposable {
  readonly url: string;
  /** What it was asked all the same. */
  readonly asked: readonly string[];
}

export async function startElsewhere(): Promise<Elsewhere> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
