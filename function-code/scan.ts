import {
  closeBrace,
  closeBracket,
  comma,
  JsonError,
  openBrace,
  openBracket,
  skipKey,
  skipSign,
  skipSpace,
  skipValue,
} from "./json.ts";

/** One record of a page: its own bytes, and the JSON text of each wanted field (undefined where it is absent). */
export interface ScannedRecord {
  readonly json: Buffer;
  readonly fields: readonly (string | undefined)[];
}

export interface ScannedPage {
  /** Undefined where the page has no such array. */
  readonly records: readonly ScannedRecord[] | undefined;
  /** JSON text of the wanted values around the records. */
  readonly envelope: readonly (string | undefined)[];
}

export interface PageShape {
  /** Path of the array of records, e.g. `data`. */
  readonly records: string;
  /** Paths of values beside it, e.g. `pagination.nextCursor`. */
  readonly envelope: readonly string[];
  /** Paths within a record, e.g. `threatInfo.updatedAt`. */
  readonly fields: readonly string[];
}

/** Skips a value and keeps what is wanted of it; returns the offset behind the value. */
type Visit = (json: Buffer, at: number) => number;

/** Paths as a tree, so that an object is walked once for all of them and what nobody asked for is only skipped. */
interface Branch {
  /** The member's name with its quotes, as it stands in the text. */
  readonly name: Buffer;
  readonly visit: Visit;
}

/** A scanner for pages of one shape. It throws `JsonError` for what JSON.parse refuses. */
export function pageScanner(shape: PageShape): (page: Buffer) => ScannedPage {
  let envelope: (string | undefined)[] = [];
  let records: ScannedRecord[] | undefined;
  let fields: (string | undefined)[] = [];

  const visitRecord = visitor(
    shape.fields.map((path, index) => ({
      path,
      visit: (json, at) => {
        const end = skipValue(json, at);
        fields[index] = json.toString("utf8", at, end);
        return end;
      },
    })),
  );
  const visitRecords: Visit = (json, at) => {
    records = undefined;
    if (json[at] !== openBracket) return skipValue(json, at);
    const found: ScannedRecord[] = [];
    records = found;
    let i = skipSpace(json, at + 1);
    if (json[i] === closeBracket) return i + 1;
    for (;;) {
      fields = shape.fields.map(() => undefined);
      const end = visitRecord(json, i);
      found.push({ json: json.subarray(i, end), fields });
      i = skipSpace(json, end);
      if (json[i] === closeBracket) return i + 1;
      i = skipSign(json, i, comma);
    }
  };
  const visitPage = visitor([
    { path: shape.records, visit: visitRecords },
    ...shape.envelope.map((path, index) => ({
      path,
      visit: (json: Buffer, at: number) => {
        const end = skipValue(json, at);
        envelope[index] = json.toString("utf8", at, end);
        return end;
      },
    })),
  ]);

  return (page) => {
    envelope = shape.envelope.map(() => undefined);
    records = undefined;
    const end = skipSpace(page, visitPage(page, skipSpace(page, 0)));
    if (end < page.length) throw new JsonError(`more than one value, the second at byte ${end}`);
    return { records, envelope };
  };
}

interface WantedPath {
  readonly path: string;
  readonly visit: Visit;
}

/** No path is the beginning of another. */
function visitor(wanted: readonly WantedPath[]): Visit {
  const names = [...new Set(wanted.map(({ path }) => path.split(".", 1)[0] ?? ""))];
  const branches = names.map((name): Branch => {
    const whole = wanted.find(({ path }) => path === name);
    const below = wanted
      .filter(({ path }) => path.startsWith(`${name}.`))
      .map(({ path, visit }) => ({ path: path.slice(name.length + 1), visit }));
    return { name: Buffer.from(JSON.stringify(name)), visit: whole?.visit ?? visitor(below) };
  });
  return (json, at) => visitMembers(json, at, branches);
}

function visitMembers(json: Buffer, at: number, branches: readonly Branch[]): number {
  if (json[at] !== openBrace) return skipValue(json, at);
  let i = skipSpace(json, at + 1);
  if (json[i] === closeBrace) return i + 1;
  for (;;) {
    const branch = findBranch(json, i, branches);
    i = skipKey(json, i);
    i = skipSpace(json, branch ? branch.visit(json, i) : skipValue(json, i));
    if (json[i] === closeBrace) return i + 1;
    i = skipSign(json, i, comma);
  }
}

function findBranch(json: Buffer, at: number, branches: readonly Branch[]): Branch | undefined {
  for (const branch of branches) {
    if (isAt(json, at, branch.name)) return branch;
  }
  return undefined;
}

function isAt(json: Buffer, at: number, name: Buffer): boolean {
  for (let i = 1; i < name.length; i++) {
    if (json[at + i] !== name[i]) return false;
  }
  return true;
}
