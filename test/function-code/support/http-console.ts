import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { testStart } from "./test-clock.ts";

/** Answers a request; `url` is parsed. */
export type Answer = (url: URL, request: IncomingMessage, response: ServerResponse) => void;

/** A server of the test's own on loopback: it answers as it is told, well or badly, and remembers what it was asked. */
export class HttpConsole implements AsyncDisposable {
  readonly asked: { readonly url: URL; readonly authorization: string | undefined }[] = [];
  answer: Answer;
  /** The server's clock, epoch milliseconds. */
  time = testStart;
  readonly #server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://console.test");
    this.asked.push({ url, authorization: request.headers.authorization });
    response.setHeader("date", new Date(this.time).toUTCString());
    this.answer(url, request, response);
  });

  private constructor(answer: Answer) {
    this.answer = answer;
  }

  static async start(answer: Answer): Promise<HttpConsole> {
    const console = new HttpConsole(answer);
    await new Promise<void>((resolve) => console.#server.listen(0, "127.0.0.1", resolve));
    return console;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Paths that were asked for. */
  get paths(): string[] {
    return this.asked.map(({ url }) => url.pathname);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function json(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
}

/** A console that lets everybody in and lists these activities on one page. */
export const listing =
  (records: readonly unknown[]): Answer =>
  (url, _, response) => {
    if (url.pathname.endsWith("/user"))
      json(response, 200, { data: { apiToken: { expiresAt: "2026-12-24T00:00:00Z" } } });
    else json(response, 200, { data: records, pagination: { nextCursor: null, totalItems: records.length } });
  };
