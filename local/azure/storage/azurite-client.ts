import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { AzureError } from "../resource-manager/resource-type.ts";
import type { Azurite, StorageService } from "./azurite.ts";

/** Connections to one Azurite. It sees the account's real host name, so what it answers carries real addresses too. */
export class AzuriteClient {
  readonly #azurite: Pick<Azurite, "ports" | "fault">;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(azurite: Pick<Azurite, "ports" | "fault">) {
    this.#azurite = azurite;
  }

  /** Sends one request with our own credential and gives the answer with its body unread. Throws `AzureError` 503 where storage does not work. */
  async send(
    service: StorageService,
    host: string,
    options: { method: string; path: string; headers?: OutgoingHttpHeaders; body?: Readable | string },
  ): Promise<IncomingMessage> {
    const fault = this.#azurite.fault();
    if (fault !== undefined && options.method !== "GET" && options.method !== "HEAD") {
      throw new AzureError(503, "ServerBusy", `The storage service cannot save what is written: ${fault}`);
    }
    const outgoing = request({
      host: "127.0.0.1",
      port: this.#azurite.ports[service],
      agent: this.#agent,
      method: options.method,
      path: options.path,
      headers: { ...options.headers, host, authorization: `Bearer ${token}` },
    });
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once("response", resolve);
      outgoing.once("error", ({ message }) =>
        reject(new AzureError(503, "ServerBusy", `The storage service does not answer: ${message}`)),
      );
    });
    // An answer may come before the body was read: then the answer counts, and the broken pipe does not.
    if (options.body instanceof Readable)
      pipeline(options.body, outgoing).catch((error: Error) => outgoing.destroy(error));
    else outgoing.end(options.body);
    return answer;
  }

  /** Sends one request and reads the whole answer. */
  async ask(
    service: StorageService,
    account: string,
    method: string,
    path: string,
    headers: OutgoingHttpHeaders = {},
    body?: string,
  ): Promise<{ status: number; body: string }> {
    const answer = await this.send(service, `${account}.${service}.core.windows.net`, {
      method,
      path,
      headers: { "x-ms-version": "2021-12-02", ...headers, "content-length": Buffer.byteLength(body ?? "") },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.statusCode ?? 0, body: await text(answer) };
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Azurite reads a token's claims and never its signature; who may do what is decided before a request comes here. */
const token = [
  { alg: "none", typ: "JWT" },
  { iss: "https://sts.windows.net/local/", aud: "https://storage.azure.com", iat: 0, nbf: 0, exp: 253_402_300_799 },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .concat("unsigned")
  .join(".");
