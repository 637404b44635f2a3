import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { AzureError } from "../resource-manager/resource-type.ts";

/** Azure Monitor docs, "Service limits: Logs Ingestion API": 1 MB a call, as sent and as unpacked. */
const maximumBodyBytes = 1_048_576;

const unzip = promisify(gunzip);

/** The body as text, unpacked. Throws `AzureError` 413 if it is too large, 400 if it is not what its headers say. */
export async function readBody(request: Request): Promise<{ text: string; bytes: number }> {
  const sent = await readLimited(request);
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  const body = encoding === "gzip" ? await unpack(sent) : sent;
  if (encoding !== "gzip" && encoding !== "identity") {
    throw new AzureError(
      400,
      "InvalidContentEncoding",
      `Content-Encoding ${encoding} is not supported; send gzip or none.`,
    );
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(body), bytes: body.byteLength };
  } catch {
    throw new AzureError(400, "InvalidContent", "The body is not UTF-8 text.");
  }
}

async function readLimited(request: Request): Promise<Buffer> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maximumBodyBytes) throw tooLarge(String(declared));
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maximumBodyBytes) throw tooLarge(`more than ${maximumBodyBytes}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function unpack(body: Buffer): Promise<Buffer> {
  try {
    return await unzip(body, { maxOutputLength: maximumBodyBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      throw tooLarge(`unpacked, more than ${maximumBodyBytes}`);
    throw new AzureError(400, "InvalidContent", "The body is not valid gzip, as Content-Encoding says.");
  }
}

function tooLarge(provided: string): AzureError {
  return new AzureError(
    413,
    "ContentLengthLimitExceeded",
    `Maximum allowed content length: ${maximumBodyBytes} bytes (1 MB). Provided content length: ${provided} bytes.`,
  );
}
