import type { SimulatorAnswer } from "../../local/vendors/simulator.ts";

export interface FaultContext {
  /** An instant a few seconds ahead by the server's clock, as an HTTP date. */
  readonly soon: string;
  /** A host that must never be asked for anything. */
  readonly elsewhere: string;
}

const html = (text: string) => ({ headers: { "Content-Type": "text/html" }, body: `<html>${text}</html>` });

/** What a server answers instead of the truth. */
export const badAnswers: Readonly<Record<string, (context: FaultContext) => SimulatorAnswer>> = {
  "429": () => ({ status: 429, body: '{"errors":[{"code":4290010,"title":"Too many requests"}]}' }),
  "429 with seconds": () => ({ status: 429, headers: { "Retry-After": "5" } }),
  "429 with a date": ({ soon }) => ({ status: 429, headers: { "Retry-After": soon } }),
  "429 with HTML": () => ({ status: 429, ...html("slow down") }),
  "429 that asks for an hour": () => ({ status: 429, headers: { "Retry-After": "3600" } }),
  "500": () => ({ status: 500, body: "{}" }),
  "502 with HTML": () => ({ status: 502, ...html("bad gateway") }),
  "503 with seconds": () => ({ status: 503, headers: { "Retry-After": "20" } }),
  reset: () => ({ status: 200, cutAfter: 0 }),
  "reset in the body": () => ({ status: 200, headers: { "Content-Length": "9999" }, body: '{"data":[', cutAfter: 9 }),
  "text as gzip": () => ({ status: 200, headers: { "Content-Encoding": "gzip" }, body: "not compressed" }),
  "empty 200": () => ({ status: 200 }),
  "HTML as JSON": () => ({
    status: 200,
    headers: { "Content-Type": "application/json" },
    body: "<html>Sign in</html>",
  }),
  "expired cursor": () => ({ status: 400, body: '{"errors":[{"code":4000040,"title":"Validation Error"}]}' }),
  redirect: ({ elsewhere }) => ({ status: 302, headers: { Location: `${elsewhere}/web/api/v2.1/activities` } }),
  "401 for a moment": () => ({ status: 401, body: "{}" }),
  "403 for a moment": () => ({ status: 403, body: "{}" }),
  "404 for a moment": () => ({ status: 404, body: "{}" }),
};

export interface SpoilContext extends FaultContext {
  /** The cursor of the request. */
  readonly cursor: string | null;
  /** The page that handed out this cursor. */
  readonly before: string | undefined;
}

/** What becomes of a true page on its way. */
export const spoilers: Readonly<Record<string, (page: string, context: SpoilContext) => string>> = {
  "truncated JSON": (page) => page.slice(0, Math.floor(page.length * 0.7)),
  "cursor loop": (page, { cursor }) => withCursor(page, cursor),
  "cursor with an address": (page, { elsewhere }) => withCursor(page, `${elsewhere}/next?page=2`),
  "page twice": (page, { before }) => before ?? page,
  "rows twice": rowsTwice,
};

const withCursor = (page: string, cursor: string | null) =>
  page.replace(cursorPattern, () => `"nextCursor":${JSON.stringify(cursor)}`);

const cursorPattern = /"nextCursor":\s*"([^"]*)"/;

/** Where a page says that there is more. */
export const cursorOf = (page: string): string | undefined => cursorPattern.exec(page)?.[1];

/** Each row is listed two times in a row. */
function rowsTwice(text: string): string {
  const page = JSON.parse(text) as { data?: unknown; items?: unknown };
  const rows = page.data ?? page.items;
  if (!Array.isArray(rows)) return text;
  const name = page.data === undefined ? "items" : "data";
  return JSON.stringify({ ...page, [name]: rows.flatMap((row: unknown) => [row, row]) });
}

/** A fault of cursors needs one. Rows without an id that come twice are two rows. */
export function appliesTo(fault: string, url: URL): boolean {
  if (fault === "rows twice") return !url.pathname.endsWith("/audit-logs");
  const needsCursor = ["expired cursor", "cursor loop", "page twice"].includes(fault);
  return !needsCursor || url.searchParams.has("cursor");
}
