import { keyOfRow, normalKey } from "../fixtures/source-keys.ts";

/** Where a record keeps what its stream's simulator names it by. */
const recordKeys: Readonly<Record<string, readonly string[]>> = {
  "sentinelone-activities": ["id"],
  "sentinelone-threats": ["id", "threatInfo.updatedAt"],
  "sentinelone-alerts": ["alertInfo.alertId", "alertInfo.updatedAt"],
  "valence-alerts": ["vuid"],
  "valence-audit-logs": ["actor", "timeEpoch", "success", "ipAddress", "action", "details", "ordinal"],
};

/** Names the version of a record that an uploaded row holds, as `versionOfStored` does. */
export function versionOfUploaded(stream: string, row: object): string {
  const { Record: text } = row as { readonly Record?: string };
  const record: unknown = text === undefined ? row : JSON.parse(text);
  const at = (path: string) => valueAt(record, path);
  const key = (recordKeys[stream] ?? ["id", "updatedAt"]).map((path) => String(at(path))).join("|");
  return normalKey(key + silence(stream, at("isActive"), at("lastActiveDate")));
}

/** Names the version of a record that a row of the stream's table holds: no two of them may have one name. */
export function versionOfStored(stream: string): (row: Readonly<Record<string, unknown>>) => string {
  const keyOf = keyOfRow(stream);
  return (row) => keyOf(row) + normalKey(silence(stream, row["IsActive"], row["LastActiveDate"]));
}

/** The part of a key or version that names the object. */
export const objectOf = (key: string): string => key.split("|", 1)[0] ?? key;

/** A machine that falls silent is sent as changed, although its `updatedAt` does not move; one silence is not the next. */
const silence = (stream: string, isActive: unknown, lastActive: unknown): string =>
  stream === "sentinelone-agents" && isActive === false ? `|silent since ${String(lastActive)}` : "";

function valueAt(record: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], record);
}
