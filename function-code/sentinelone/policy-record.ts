import { JsonError, load, members } from "../json.ts";
import { hash64 } from "../state/hash.ts";
import type { SourceRecord } from "../stream.ts";

/** What a policy belongs to. */
export interface Scope {
  readonly type: "account" | "site" | "group";
  readonly id: string;
  readonly name: string;
}

/** Who changed a policy and when is no part of what it says. */
const volatile = new Set(["updatedAt", "createdAt", "userId", "userFullName"]);

/** The policy out of the console's answer, `{ data: {…} }`. Throws `JsonError` for anything else. */
export function readPolicy(body: Buffer): Buffer {
  const data = members(body, load(body).skipSpace(0)).find(({ key }) => key === "data");
  const policy = data && body.subarray(data.start, data.end);
  if (policy?.[0] !== "{".charCodeAt(0)) throw new JsonError('there is no object "data" in it');
  return policy;
}

/** The scope has no policy of its own but the one of a wider scope. */
function isInherited(policy: Buffer): boolean {
  const from = members(policy).find(({ key }) => key === "inheritedFrom");
  return from !== undefined && !["null", '""'].includes(policy.toString("utf8", from.start, from.end));
}

/** What is left of a policy that the scope gave up: that it inherits, and nothing of the wider scope's, which has records of its own. */
const inherited = Buffer.from('{"inherits":true}');

/**
 * A scope's policy as a record: the console's own text of it, and what it belongs to.
 * @param given undefined where the list of scopes says that the scope inherits
 */
export function policyRecord(scope: Scope, given: Buffer | undefined): SourceRecord {
  const isEnd = given === undefined || isInherited(given);
  const policy = isEnd ? inherited : given;
  const content = contentOf(policy);
  const { high, low } = hash64(content);
  const about = {
    scopeType: scope.type,
    scopeId: scope.id,
    scopeName: scope.name,
    hash: [high, low].map((half) => half.toString(16).padStart(8, "0")).join(""),
  };
  const objectId = `${scope.type}|${scope.id}`;
  return {
    json: Buffer.concat([Buffer.from(`${JSON.stringify(about).slice(0, -1)},"policy":`), policy, Buffer.from("}")]),
    time: 0,
    key: `${objectId}|${content}`,
    objectId,
    content,
    ...(isEnd && { isEnd }),
  };
}

function contentOf(policy: Buffer): string {
  return members(policy)
    .filter(({ key }) => !volatile.has(key))
    .map(({ key, start, end }) => `${key}:${policy.toString("utf8", start, end)}`)
    .sort()
    .join("\n");
}

interface PolicyDocument {
  readonly hash: string;
  readonly policy: unknown;
}

/** The record with what changed since the one before: that one's hash, and the paths of the settings that differ. */
export function withDrift(json: Buffer, record: Buffer, previous: Buffer | undefined): Buffer {
  if (!previous) return json;
  const before = JSON.parse(previous.toString("utf8")) as PolicyDocument;
  const now = JSON.parse(record.toString("utf8")) as PolicyDocument;
  const drift = { previousHash: before.hash, changedKeys: changedKeys(before.policy, now.policy) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(drift).slice(0, -1)},`), json.subarray(1)]);
}

function changedKeys(before: unknown, now: unknown): string[] {
  const old = new Map(settingsOf(before, []));
  const current = new Map(settingsOf(now, []));
  return [...new Set([...old.keys(), ...current.keys()])]
    .filter((path) => !volatile.has(path) && old.get(path) !== current.get(path))
    .sort();
}

/** Path and JSON text of each setting; a list is one setting. */
function settingsOf(value: unknown, path: readonly string[]): [string, string][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [[path.join("."), JSON.stringify(value)]];
  }
  return Object.entries(value).flatMap(([name, inner]) => settingsOf(inner, [...path, name]));
}
