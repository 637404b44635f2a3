import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Row = Readonly<Record<string, unknown>>;

/** A console that the simulator did not make: it follows the published API and nothing else. */
export interface PlainConsole extends AsyncDisposable {
  readonly url: string;
  /** Every request so far, as `METHOD path?query`. */
  readonly requests: readonly string[];
  /** Values of the header Authorization that were seen. */
  readonly credentials: ReadonlySet<string | undefined>;
}

export interface PlainConsoleFeeds {
  /** Text of each record, by path below `/web/api/v2.1`, in ascending order of the time that the path is filtered by. */
  readonly [path: string]: readonly { readonly time: string; readonly text: string }[];
}

const root = "/web/api/v2.1";

export async function plainConsole(token: string, feeds: PlainConsoleFeeds): Promise<PlainConsole> {
  const requests: string[] = [];
  const credentials = new Set<string | undefined>();
  const answer: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    credentials.add(request.headers.authorization);
    serve(request, response, token, feeds);
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    credentials,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function serve(request: IncomingMessage, response: ServerResponse, token: string, feeds: PlainConsoleFeeds): void {
  const url = new URL(request.url ?? "/", "http://console");
  const path = url.pathname.slice(root.length);
  const send = (status: number, body: string) =>
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  const fail = (status: number, title: string) =>
    send(
      status,
      JSON.stringify({ data: null, pagination: null, errors: [{ code: status * 10_000 + 10, title, detail: null }] }),
    );
  if (request.headers.authorization !== `ApiToken ${token}`) return void fail(401, "Authentication Failed");
  if (path === "/user")
    return void send(200, JSON.stringify({ data: { id: "1", apiToken: { expiresAt: "2031-01-01T00:00:00Z" } } }));
  const feed = feeds[path];
  if (!feed) return void fail(404, "Not found");
  const filters = [...url.searchParams].filter(([name]) => /__(gte|lt)$/.test(name));
  const rows = feed.filter(({ time }) =>
    filters.every(([name, bound]) => (name.endsWith("__gte") ? time >= bound : time < bound)),
  );
  const start = Number(Buffer.from(url.searchParams.get("cursor") ?? "", "base64url").toString() || 0);
  const end = start + Math.min(Number(url.searchParams.get("limit") ?? 10), 1000);
  const next = end < rows.length ? JSON.stringify(Buffer.from(String(end)).toString("base64url")) : "null";
  // Pagination first, white space everywhere: all of it is JSON.
  const data = rows
    .slice(start, end)
    .map(({ text }) => text)
    .join(" ,\n ");
  send(200, `{ "pagination" : {"totalItems": ${rows.length} , "nextCursor":${next}},\n "data" : [ ${data} ] }`);
}

/** Records of a feed from plain objects. */
export function records(time: (row: Row) => string, rows: readonly Row[]): readonly { time: string; text: string }[] {
  return rows.map((row) => ({ time: time(row), text: JSON.stringify(row) }));
}
