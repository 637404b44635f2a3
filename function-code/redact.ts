import { colon, load, namesOf } from "./json.ts";

/** Members whose values let somebody in: an agent's join token is no log. They leave the process empty, wherever they stand. */
const secretMembers = ["registrationToken"].map((name) => namesOf([name]));
const empty = Buffer.from('""');

/** What a vendor answered with known secrets emptied; the very same bytes where there are none. Throws `JsonError`. */
export function redact(json: Buffer): Buffer {
  let clean = json;
  for (const member of secretMembers) clean = emptied(clean, member);
  return clean;
}

function emptied(json: Buffer, member: Buffer): Buffer {
  const parts: Buffer[] = [];
  let kept = 0;
  const { nextName, skipSpace, skipString, skipValue } = load(json, member);
  for (let at = nextName(0, json.length, 0); at !== -1; at = nextName(Math.max(at + 1, kept), json.length, 0)) {
    const sign = skipSpace(skipString(at));
    // Without a colon it is a value that happens to have this text.
    if (json[sign] !== colon) continue;
    const value = skipSpace(sign + 1);
    parts.push(json.subarray(kept, value), empty);
    kept = skipValue(value);
  }
  return parts.length === 0 ? json : Buffer.concat([...parts, json.subarray(kept)]);
}
