import { type Incoming, json } from "../../server.ts";
import type { SimulatorAnswer, SimulatorToken } from "../../simulator.ts";
import type { World } from "../world/world.ts";
import { type Access, may } from "./access.ts";
import { InvalidParameter, notAuthenticated, notFound, notPermitted, pageNotFound, tooManyRequests } from "./errors.ts";
import type { List } from "./list.ts";
import type { RateLimits } from "./rate-limits.ts";
import { describeUser, SYSTEM_INFO, tokenDetails } from "./self.ts";

export interface ConsoleParts {
  readonly world: World;
  readonly lists: readonly List[];
  readonly access: Access;
  readonly limits: RateLimits | undefined;
}

type Endpoint = (request: Incoming, token: SimulatorToken, now: number) => SimulatorAnswer;

const API = "/web/api/v2.1";

/** The console's API: who may ask what, how often, and what is answered. */
export function openConsole({
  world,
  lists,
  access,
  limits,
}: ConsoleParts): (request: Incoming, now: number) => SimulatorAnswer {
  const endpoints = new Map<string, Endpoint>([
    ...lists.map((list) =>
      list.post ? ([`POST ${list.path}`, servePost(list)] as const) : ([`GET ${list.path}`, serveList(list)] as const),
    ),
    ["GET /user", (_, token) => object(describeUser(world, token))],
    ["POST /users/api-token-details", (request) => tokenDetails(world, access, request.body)],
    ["GET /system/info", () => object(SYSTEM_INFO)],
  ]);
  return (request, now) => {
    if (!request.path.startsWith(`${API}/`)) return pageNotFound();
    const path = request.path.slice(API.length);
    const header = request.headers.authorization;
    if (limits?.take(header ?? "", path, now) === false) return tooManyRequests();
    if (path === "/system/status") return object({ health: "ok" });
    const token = access.authenticate(header, now);
    if (!token) return notAuthenticated();
    const endpoint = endpoints.get(`${request.method} ${path}`) ?? serveChild(lists, request.method, path);
    if (!endpoint) return notFound();
    try {
      return endpoint(request, token, now);
    } catch (error) {
      if (error instanceof InvalidParameter) return error.answer();
      throw error;
    }
  };
}

const serveList = (list: List, id?: string): Endpoint =>
  guarded(list.permission, ({ query }, _, now) => {
    const page = list.page(query, now, id);
    return page === undefined ? notFound() : json(200, page);
  });

const servePost = (list: List): Endpoint =>
  guarded(list.permission, ({ body }, _, now) => list.post?.(body, now) ?? notFound());

/** A list whose path has an id in it. */
function serveChild(lists: readonly List[], method: string, path: string): Endpoint | undefined {
  if (method !== "GET") return undefined;
  for (const list of lists) {
    const [before, after] = list.path.split("{id}");
    if (before === undefined || after === undefined || !path.startsWith(before) || !path.endsWith(after)) continue;
    return serveList(list, path.slice(before.length, path.length - after.length));
  }
  return undefined;
}

const guarded =
  (permission: string, endpoint: Endpoint): Endpoint =>
  (request, token, now) =>
    may(token, permission) ? endpoint(request, token, now) : notPermitted();

const object = (data: unknown): SimulatorAnswer => json(200, JSON.stringify({ data }));
