import { randomUUID } from "node:crypto";
import { AzureError } from "../resource-manager/resource-type.ts";
import type { StorageService } from "./azurite.ts";

/** An error as Azure Storage sends it: XML from blobs and queues, OData's JSON from tables. */
export function storageErrorResponse(
  service: StorageService,
  error: AzureError,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const requestId = randomUUID();
  const message = `${error.message}\nRequestId:${requestId}\nTime:${new Date().toISOString()}`;
  const json = service === "table";
  const body = json
    ? JSON.stringify({ "odata.error": { code: error.code, message: { lang: "en-US", value: message } } })
    : `<?xml version="1.0" encoding="utf-8"?><Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(message)}</Message></Error>`;
  return new Response(body, {
    status: error.status,
    headers: {
      "content-type": json ? "application/json" : "application/xml",
      "x-ms-error-code": error.code,
      "x-ms-request-id": requestId,
      ...headers,
    },
  });
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
