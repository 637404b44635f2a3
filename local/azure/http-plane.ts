import { AzureError } from "./resource-manager/resource-type.ts";

/** One Azure service behind the front door: which host names it answers for, and how. */
export interface HttpPlane {
  /** Whether the plane answers for this host name (lower case, without port), and for this path of it. */
  serves(host: string, path: string): boolean;
  /** May throw `AzureError`: the front door renders it with `errorResponse`. */
  fetch(request: Request): Promise<Response>;
}

/** Azure's usual error envelope. */
export function errorResponse(error: AzureError): Response {
  return Response.json(
    { error: { code: error.code, message: error.message } },
    { status: error.status, headers: { "x-ms-error-code": error.code } },
  );
}
