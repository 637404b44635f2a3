import { createHash } from "node:crypto";
import { type NativeFunction, native } from "./native-function.ts";

/** Occurrences of a text; they may overlap. */
function countOf(text: string, wanted: string): bigint {
  if (wanted === "") return 0n;
  let count = 0n;
  for (let index = text.indexOf(wanted); index >= 0; index = text.indexOf(wanted, index + 1)) count += 1n;
  return count;
}

function occurrence(text: string, wanted: string, start: bigint, length: bigint, nth: bigint): bigint {
  const from = start < 0n ? Math.max(0, text.length + Number(start)) : Number(start);
  const searched = length < 0n ? text : text.slice(0, from + Number(length));
  let index = searched.indexOf(wanted, from);
  for (let found = 1n; index >= 0 && found < nth; found += 1n) index = searched.indexOf(wanted, index + 1);
  return BigInt(index);
}

function parseUrl(text: string): string {
  const found =
    /^(?:([a-z][a-z\d+.-]*):\/\/)?(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^:/?#]*)(?::(\d+))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/i.exec(
      text,
    );
  const [, scheme = "", user = "", password = "", host = "", port = "", path = "", query = "", fragment = ""] =
    found ?? [];
  return JSON.stringify({
    Scheme: scheme,
    Host: host,
    Port: port,
    Path: path,
    Username: user,
    Password: password,
    "Query Parameters": queryParameters(query),
    Fragment: fragment,
  });
}

function queryParameters(query: string): Record<string, string> {
  const pairs = query.split("&").filter((pair) => pair !== "");
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return [decoded(name), decoded(value.join("="))];
    }),
  );
}

/** Text that is not encoded as it should be stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parsePath(text: string): string {
  const [, scheme = "", rest = text] = /^([a-z][a-z\d+.-]*):\/\/(.*)$/i.exec(text) ?? [];
  const [path = "", stream = ""] = scheme === "" && /^[a-z]:/i.test(rest) ? splitStream(rest) : [rest];
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  const file = path.slice(cut + 1);
  const directory = cut < 0 ? "" : path.slice(0, cut);
  const dot = file.lastIndexOf(".");
  const root = /^(?:[a-z]:)/i.exec(path)?.[0] ?? (path.startsWith("/") ? "/" : "");
  return JSON.stringify({
    Scheme: scheme,
    RootPath: root,
    DirectoryPath: directory,
    DirectoryName: directory.split(/[\\/]/).at(-1) ?? "",
    Filename: file,
    Extension: dot < 0 ? "" : file.slice(dot + 1),
    AlternateDataStreamName: stream,
  });
}

function splitStream(path: string): [string, string] {
  const colon = path.indexOf(":", 2);
  return colon < 0 ? [path, ""] : [path.slice(0, colon), path.slice(colon + 1)];
}

/** A version of up to four numbers as one number that compares as the versions do. */
function versionOrder(text: string): string | null {
  const parts = text.trim().split(".");
  if (parts.length > 4 || !parts.every((part) => /^\d{1,8}$/.test(part))) return null;
  return Array.from({ length: 4 }, (_, index) => (parts[index] ?? "0").padStart(8, "0")).join("");
}

/** The few patterns that the rows of a query are compared with. */
const patterns = new Map<string, RegExp>();

/** Whether a text matches a pattern in JavaScript's words, with all of Unicode's letters. */
function matchesExactly(text: string, pattern: string, sensitive: boolean): boolean {
  const flags = sensitive ? "su" : "sui";
  const key = `${flags} ${pattern}`;
  if (patterns.size > 1000) patterns.clear();
  const compiled = patterns.get(key) ?? new RegExp(pattern, flags);
  patterns.set(key, compiled);
  return compiled.test(text);
}

export const textFunctions: Readonly<Record<string, NativeFunction>> = {
  kql_matches_exactly: native(["text", "text", "bool"], "bool", matchesExactly),
  kql_countof: native(["text", "text"], "long", countOf),
  kql_indexof: native(["text", "text", "long", "long", "long"], "long", occurrence),
  kql_parse_url: native(["text"], "text", parseUrl),
  kql_parse_urlquery: native(["text"], "text", (text) =>
    JSON.stringify({ "Query Parameters": queryParameters(text.replace(/^\?/, "")) }),
  ),
  kql_parse_path: native(["text"], "text", parsePath),
  kql_version_order: native(["text"], "text", versionOrder),
  kql_url_encode: native(["text"], "text", (text) => encodeURIComponent(text.toWellFormed())),
  kql_url_decode: native(["text"], "text", decoded),
  kql_base64_encode: native(["text"], "text", (text) => Buffer.from(text, "utf8").toString("base64")),
  kql_base64_decode: native(["text"], "text", (text) => {
    const valid = text.length % 4 === 0 && /^[A-Za-z\d+/]*={0,2}$/.test(text);
    const bytes = Buffer.from(text, "base64");
    const result = bytes.toString("utf8");
    return valid && Buffer.from(result, "utf8").equals(bytes) ? result : "";
  }),
  kql_hash: native(["text", "text"], "text", (algorithm, text) =>
    createHash(algorithm).update(text, "utf8").digest("hex"),
  ),
  kql_translate: native(["text", "text", "text"], "text", (from, to, text) => {
    const [wanted, replacement] = [Array.from(from), Array.from(to)];
    return Array.from(text, (character) => {
      const place = wanted.indexOf(character);
      return place < 0 ? character : (replacement[place] ?? replacement.at(-1) ?? "");
    }).join("");
  }),
};
