import type { TableServiceClientOptions } from "@azure/data-tables";
import type { Principal } from "../../../local/azure/cloud.ts";
import { errorResponse, type HttpPlane } from "../../../local/azure/http-plane.ts";
import type { TokenAuthority } from "../../../local/azure/identity/tokens.ts";
import { AzureError } from "../../../local/azure/resource-manager/resource-type.ts";

type HttpClient = NonNullable<TableServiceClientOptions["httpClient"]>;
type PipelineRequest = Parameters<HttpClient["sendRequest"]>[0];

/** What the front door does with a request, without the door. */
export async function send(plane: HttpPlane, request: Request): Promise<Response> {
  try {
    return await plane.fetch(request);
  } catch (error) {
    if (error instanceof AzureError) return errorResponse(error);
    throw error;
  }
}

/** Lets an unmodified Azure SDK client talk to a plane by its real host names, without a network. */
export function httpClientOf(plane: HttpPlane): HttpClient {
  return {
    sendRequest: async (request) => {
      const body = typeof request.body === "function" ? request.body() : request.body;
      const response = await send(
        plane,
        new Request(request.url, {
          method: request.method,
          headers: request.headers.toJSON(),
          ...(body === undefined || body === null ? {} : { body: body as string, duplex: "half" }),
        }),
      );
      return {
        request,
        status: response.status,
        headers: headersOf(request, response),
        bodyAsText: await response.text(),
      };
    },
  };
}

function headersOf(request: PipelineRequest, response: Response): PipelineRequest["headers"] {
  const headers = new (request.headers.constructor as new () => PipelineRequest["headers"])();
  for (const [name, value] of response.headers) headers.set(name, value);
  return headers;
}

/** Credential of one principal for the SDKs. */
export function credentialOf(authority: TokenAuthority, principal: Principal) {
  return {
    getToken: (scopes: string | string[]) => {
      const scope = String(typeof scopes === "string" ? scopes : scopes[0]);
      const { token, expiresOn } = authority.issue(principal, scope.replace(/\/\.default$/, ""));
      return Promise.resolve({ token, expiresOnTimestamp: expiresOn * 1000 });
    },
  };
}
