import { colon, load } from "./json.ts";

/** Members whose values let somebody in: an agent's join token is no log. They leave the process empty, wherever they stand. */
const secretMembers = ["registrationToken"].map((name) => Buffer.from(JSON.stringify(name)));
const empty = Buffer.from('""');

/** What a vendor answered with known secrets emptied; the very same bytes where there are none. Throws `JsonError`. */
export function redact(json: Buffer): Buffer {
  let clean = json;
  for (const name of secretMembers) clean = emptied(clean, name);
  return clean;
}

function emptied(json: Buffer, name: Buffer): Buffer {
  const parts: Buffer[] = [];
  let kept = 0;
  let at = json.indexOf(name);
  if (at === -1) return json;
  const { skipSpace, skipValue } = load(json);
  for (; at !== -1; at = json.indexOf(name, at + name.length)) {
    const sign = skipSpace(at + name.length);
    // Without a colon it is a value that happens to have this text.
    if (json[sign] !== colon) continue;
    const value = skipSpace(sign + 1);
    parts.push(json.subarray(kept, value), empty);
    kept = skipValue(value);
  }
  return parts.length === 0 ? json : Buffer.concat([...parts, json.subarray(kept)]);
}
