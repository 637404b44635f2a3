import { CollectionError } from "../errors.ts";
import { JsonError, members } from "../json.ts";
import { Transient } from "../retry.ts";
import { pageScanner } from "../scan.ts";
import { type PageReader, pageReader } from "./page.ts";

/** The query names a field that this console does not know: its fields differ by version. */
export class UnknownField extends Error {
  override readonly name = "UnknownField";
}

export interface ConnectionFormat {
  /** Name of the stream. */
  readonly name: string;
  readonly permission: string;
  /** The queried field, a connection: `edges { node }`, `pageInfo { hasNextPage endCursor }`, `totalCount`. */
  readonly field: string;
  /** Paths within a node. */
  readonly watermark: string;
  readonly key: readonly string[];
}

const scanErrors = pageScanner({ records: "errors", envelope: [], fields: [] });

/**
 * Reads a page of a GraphQL connection; records are its nodes. An answer that has errors counts as refused, whatever else it has: a page
 * with holes must not pass for a whole one. Throws `UnknownField`, `JsonError`, or what the operator has to know.
 */
export function connectionReader(format: ConnectionFormat): PageReader {
  const list = `data.${format.field}`;
  const read = pageReader({
    name: format.name,
    records: `${list}.edges`,
    cursor: `${list}.pageInfo.endCursor`,
    total: `${list}.totalCount`,
    watermark: { field: `node.${format.watermark}` },
    key: format.key.map((path) => `node.${path}`),
  });
  const scanEnd = pageScanner({ records: "records", envelope: [`${list}.pageInfo.hasNextPage`], fields: [] });
  return (body, connection) => {
    throwErrors(body, format, connection);
    const { continuation, ...page } = read(body, connection);
    const hasMore = scanEnd(body).envelope[0] === "true";
    if (hasMore && continuation === undefined) throw new JsonError("it says that there is more, but not where");
    return {
      ...page,
      records: page.records.map((record) => ({ ...record, json: nodeOf(record.json) })),
      ...(hasMore && continuation !== undefined && { continuation }),
    };
  };
}

function nodeOf(edge: Buffer): Buffer {
  const node = members(edge).find(({ key }) => key === "node");
  if (!node) throw new JsonError("an edge has no node");
  return edge.subarray(node.start, node.end);
}

const permissionPattern = /forbidden|unauthori[sz]ed|not authori[sz]ed|access.?denied|permission/i;
const fieldPattern =
  /cannot query field|fieldundefined|unknown (?:field|type|argument)|field .*(?:undefined|not exist|not found)/i;

/** An error's text: its message and extensions where it has them. Texts are judged, never shown: they may quote data. */
const errorsOf = (body: Buffer): string[] =>
  (scanErrors(body).records ?? []).map(({ json }) => json.toString("utf8", 0, 4096));

const saysUnknownField = (errors: readonly string[]) => errors.some((text) => fieldPattern.test(text));

/** Whether an answer of whatever kind complains about a field. */
export function isUnknownField(body: Buffer): boolean {
  try {
    return saysUnknownField(errorsOf(body));
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}

function throwErrors(body: Buffer, { name, permission }: ConnectionFormat, connection: string): void {
  const errors = errorsOf(body);
  if (errors.length === 0) return;
  const label = `sentinelone "${connection}"`;
  if (saysUnknownField(errors)) throw new UnknownField(name);
  if (errors.some((text) => permissionPattern.test(text))) {
    const text = `${label}: the console refuses feed "${name}" (200 with errors). The token's role lacks the permission ${permission}, or its scope is too narrow. Grant it to the service user, or remove "${name}" from this connection's streams.`;
    throw new CollectionError("not-permitted", "permission", text);
  }
  const text = `${label}: the console answers the query for "${name}" with ${errors.length === 1 ? "an error" : `${errors.length} errors`} instead of rows. The next run tries again; if that goes on, please report it with this line.`;
  throw new Transient(new CollectionError("failing", "server", text));
}
