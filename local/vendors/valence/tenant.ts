import { type Incoming, json } from "../server.ts";
import type { SimulatorAnswer, SimulatorToken } from "../simulator.ts";
import { ALERT_STORIES } from "./catalog.ts";
import type { TimedLog } from "./log.ts";

const DEFAULT_LIMIT = 100;
const MAXIMUM_LIMIT = 500;

export interface TenantLogs {
  readonly alerts: TimedLog;
  readonly auditLogs: TimedLog;
}

interface Endpoint {
  readonly permission: "alerts.read" | "audit-logs.read";
  /** Throws `InvalidQuery`. */
  readonly body: (query: URLSearchParams, now: number) => string;
}

/** The tenant's API: who may read what, and what is answered. */
export function openTenant(
  { alerts, auditLogs }: TenantLogs,
  tokens: readonly SimulatorToken[],
): (request: Incoming, now: number) => SimulatorAnswer {
  const known = new Map(tokens.map((token) => [token.token, token]));
  const endpoints = new Map<string, Endpoint>([
    ["GET /api/v1/alerts", { permission: "alerts.read", body: (query, now) => page(alerts, query, now) }],
    ["GET /api/v1/alert-types", { permission: "alerts.read", body: () => ALERT_TYPES }],
    ["GET /api/v1/audit-logs", { permission: "audit-logs.read", body: (query, now) => page(auditLogs, query, now) }],
  ]);
  return ({ method, path, query, headers }, now) => {
    const token = known.get(/^Bearer (\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? "");
    if (!token || (token.expiresAt ?? Infinity) <= now) {
      return failure(401, "The API key is missing, wrong or expired.");
    }
    const endpoint = endpoints.get(`${method} ${path}`);
    if (!endpoint) return failure(404, "There is nothing here.");
    if (!token.permissions.includes("*") && !token.permissions.includes(endpoint.permission)) {
      return failure(403, `The API key lacks the permission ${endpoint.permission}.`);
    }
    try {
      return json(200, endpoint.body(query, now));
    } catch (error) {
      if (error instanceof InvalidQuery) return failure(400, error.message);
      throw error;
    }
  };
}

function page(log: TimedLog, query: URLSearchParams, now: number): string {
  const limit = readInteger(query, "limit") ?? DEFAULT_LIMIT;
  if (limit < 1 || limit > MAXIMUM_LIMIT) throw new InvalidQuery(`limit: must be from 1 to ${MAXIMUM_LIMIT}.`);
  const start = readCursor(query.get("cursor"));
  const rows = log.shown(now, readInteger(query, "from"), readInteger(query, "to"));
  const end = start + limit;
  const nextCursor = end < rows.length ? cursorAt(end) : null;
  const items = rows.slice(start, end).map(({ text }) => text);
  return `{"items":[${items.join(",")}],"nextCursor":${JSON.stringify(nextCursor)}}`;
}

const ALERT_TYPES = JSON.stringify({ items: ALERT_STORIES.map(({ type }) => type), nextCursor: null });

class InvalidQuery extends Error {}

function readInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,12}$/.test(text)) throw new InvalidQuery(`${name}: must be a whole number.`);
  return Number(text);
}

const cursorAt = (offset: number): string => Buffer.from(`from row ${offset}`).toString("base64url");

function readCursor(text: string | null): number {
  if (text === null) return 0;
  const match = /^from row (\d+)$/.exec(Buffer.from(text, "base64url").toString("utf8"));
  if (!match) throw new InvalidQuery("cursor: not one of ours.");
  return Number(match[1]);
}

const failure = (status: number, message: string): SimulatorAnswer => json(status, JSON.stringify({ status, message }));
