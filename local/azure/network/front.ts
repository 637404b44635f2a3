import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { callbackify } from "node:util";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { errorResponse, type HttpPlane } from "../http-plane.ts";
import { AzureError } from "../resource-manager/resource-type.ts";
import type { CertificateAuthority } from "./ca.ts";
import type { Lulls } from "./lulls.ts";

/** What a test has happen to one request. A delay is a fault whose promise resolves late. */
export type FaultAction =
  | { readonly kind: "answer"; readonly response: Response }
  /** The connection is cut before anything is done. */
  | { readonly kind: "reset" }
  /** The request is served, then the connection is cut instead of answering. */
  | { readonly kind: "drop-answer" };

/** Sees every request before it is served; who reads its body reads that of a clone. */
export type Fault = (request: Request, host: string) => FaultAction | undefined | Promise<FaultAction | undefined>;

export interface FrontOptions {
  readonly ca: CertificateAuthority;
  readonly fault?: Fault;
  /** Told of each request. */
  readonly lulls?: Lulls;
  /** Told when a plane failed in a way that is not one of Azure's answers. */
  readonly onError?: (message: string, error: unknown) => void;
}

/** The one TLS server behind every Azure host name. */
export interface Front extends AsyncDisposable {
  readonly port: number;
  readonly ca: CertificateAuthority;
  /** Puts services behind the door, the first that serves a host gets its requests; returns a function that takes them away. */
  mount(...planes: readonly HttpPlane[]): () => void;
  close(): Promise<void>;
}

/** Longer than any client keeps an idle connection: a server that hangs up first costs the client a request now and then. */
const keepAliveMilliseconds = 10 * 60_000;

/** Listens on a free port of 127.0.0.1; a host name that no plane serves is answered 421. */
export async function startFront(options: FrontOptions): Promise<Front> {
  const planes = new Set<HttpPlane>();
  const listener = getRequestListener((request, env) => serve(planes, options, request, env as HttpBindings), {
    overrideGlobalObjects: false,
  });
  const server = createServer(
    {
      keepAliveTimeout: keepAliveMilliseconds,
      SNICallback: callbackify((host: string) => options.ca.contextFor(host)),
      ...(await defaultCertificate(options.ca)),
    },
    (incoming, outgoing) => {
      const answered = options.lulls?.asked();
      if (answered) outgoing.once("close", answered);
      void listener(incoming, outgoing);
    },
  );
  // `closeAllConnections` does not know those whose handshake is under way, and would leave them to live for the ten minutes.
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return {
    port: (server.address() as AddressInfo).port,
    ca: options.ca,
    mount(...mounted) {
      for (const plane of mounted) planes.add(plane);
      return () => {
        for (const plane of mounted) planes.delete(plane);
      };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function serve(
  planes: ReadonlySet<HttpPlane>,
  options: FrontOptions,
  request: Request,
  bindings: HttpBindings,
): Promise<Response> {
  const host = hostOf(request);
  const fault = await options.fault?.(request, host);
  if (fault?.kind === "answer") return fault.response;
  if (fault?.kind !== "reset") {
    const response = await answer(planes, options, request, bindings);
    if (fault?.kind !== "drop-answer") return response;
    await response.body?.cancel();
  }
  bindings.incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

async function answer(
  planes: ReadonlySet<HttpPlane>,
  { onError }: FrontOptions,
  request: Request,
  { incoming }: HttpBindings,
): Promise<Response> {
  const host = hostOf(request);
  const plane = [...planes].find((candidate) => candidate.serves(host, new URL(request.url).pathname));
  try {
    if (!plane) throw new AzureError(421, "HostNotFound", `Nothing in the local Azure answers for ${host}.`);
    return await plane.fetch(request);
  } catch (error) {
    if (error instanceof AzureError) return errorResponse(error);
    // A client that hung up in the middle, such as a worker that was killed, is no failure of the plane's.
    if (!incoming.socket.destroyed)
      onError?.(`${request.method} https://${host}${new URL(request.url).pathname} failed`, error);
    return errorResponse(
      new AzureError(500, "InternalServerError", "The local Azure failed to serve this request; its log says why."),
    );
  }
}

const hostOf = (request: Request) => new URL(request.url).hostname.toLowerCase();

/** For clients that name no host: those that connect to the address itself. */
async function defaultCertificate(ca: CertificateAuthority) {
  const { certificate, key } = await ca.issue(["localhost", "127.0.0.1"]);
  return { cert: certificate, key };
}
