import { appendMember, type Member, members } from "./json.ts";

/** A column is cut at 64 KB, and cut JSON is lost; so a record stays below this many bytes. */
export const maxRecordBytes = 60 * 1024;

/** Member at the top of a shrunk record that lists what was replaced, as paths. */
export const shrunkMember = "connectorShrunk";

/** Values smaller than this are not worth replacing. */
const smallest = 64;

const keptCharacters = 1000;
const quote = 34;

/** So many values are picked with care; what is still too long after that loses whole containers. */
const patience = 32;

/** The record, its largest nested values replaced by a note of their size where it is too long for a column. */
export function shrink(json: Buffer): Buffer {
  if (json.length <= maxRecordBytes) return json;
  const replaced: string[] = [];
  let shrunk = json;
  // Each round replaces one value. The list of paths grows with it, so its own length counts too.
  while (shrunk.length + JSON.stringify(replaced).length + shrunkMember.length + 8 > maxRecordBytes) {
    const excess = shrunk.length - maxRecordBytes + 4 * smallest;
    const victim = findVictim(
      shrunk,
      { key: "", start: 0, end: shrunk.length },
      excess,
      [],
      replaced.length < patience,
    );
    if (!victim) break;
    const { member, path } = victim;
    const rest = replacement(shrunk.subarray(member.start, member.end));
    shrunk = Buffer.concat([shrunk.subarray(0, member.start), rest, shrunk.subarray(member.end)]);
    replaced.push(path.join("."));
  }
  return appendMember(shrunk, shrunkMember, JSON.stringify(replaced));
}

/** A long text keeps its beginning, which mostly tells what it is; of anything else only the size is left. */
function replacement(value: Buffer): Buffer {
  const note = `[removed by the connector: ${value.length} bytes]`;
  const isLongText = value[0] === quote && value.length > 16 * keptCharacters;
  const beginning = isLongText ? `${(JSON.parse(value.toString("utf8")) as string).slice(0, keptCharacters)} ` : "";
  return Buffer.from(JSON.stringify(beginning + note));
}

interface Victim {
  readonly member: Member;
  readonly path: readonly string[];
}

/** The smallest value that is large enough, looked for along the largest ones; else the largest of all. */
function findVictim(
  json: Buffer,
  parent: Member,
  excess: number,
  path: readonly string[],
  careful: boolean,
): Victim | undefined {
  let largest: Member | undefined;
  for (const member of members(json, parent.start)) {
    if (!largest || member.end - member.start > largest.end - largest.start) largest = member;
  }
  if (!largest || largest.end - largest.start < smallest) return undefined;
  const here = [...path, largest.key];
  const inside = largest.end - largest.start > excess ? findVictim(json, largest, excess, here, careful) : undefined;
  // At the top stand the objects that hold ids and times: they are taken apart, not replaced.
  const goodEnough = inside && (inside.member.end - inside.member.start >= excess || (careful && path.length === 0));
  if (goodEnough) return inside;
  return { member: largest, path: here };
}
