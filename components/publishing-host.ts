import { type Agent, request } from "node:https";

/** One call to an app's publishing host (Kudu), to Azure Resource Manager or to the query API. Over `node:https`, which a proxy or a test can take over with an agent. */
export interface HostRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path and query. */
  readonly path: string;
  readonly body?: Uint8Array;
  /** What the body is. @default application/zip */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HostAnswer {
  readonly status: number;
  readonly location: string | undefined;
  /** Milliseconds that the host asks to be left alone. */
  readonly retryAfter: number | undefined;
  /** What was answered, if it was JSON. */
  readonly json: unknown;
}

/** The front end of App Service cuts a request after about 230 seconds. */
const patience = 240_000;
/** A workspace with the functions of every solution lists some megabytes of them. */
const largestAnswer = 32 * 1024 * 1024;

/** Sends the request and reads the answer whole. Rejects with Node's own error where there is no answer. */
export function askHost(
  host: string,
  token: string,
  { method, path, body, contentType = "application/zip", headers }: HostRequest,
  agent?: Agent,
): Promise<HostAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host,
        path,
        method,
        ...(agent ? { agent } : {}),
        headers: {
          authorization: `Bearer ${token}`,
          accept: "application/json",
          ...headers,
          ...(body ? { "content-type": contentType, "content-length": body.byteLength } : {}),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > largestAnswer) call.destroy(new Error(`${host} answers with more than ${largestAnswer} bytes.`));
          else chunks.push(chunk);
        });
        response.on("error", reject);
        response.on("end", () => {
          const seconds = Number(response.headers["retry-after"]);
          resolve({
            status: response.statusCode ?? 0,
            location: response.headers.location,
            retryAfter: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined,
            json: parse(Buffer.concat(chunks).toString("utf8")),
          });
        });
      },
    );
    call.setTimeout(patience, () =>
      call.destroy(new Error(`${host} did not answer within ${patience / 1000} seconds.`)),
    );
    call.on("error", reject);
    call.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
