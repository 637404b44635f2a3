import { closeBracket, comma, JsonError, type LoadedJson, load, namesOf, openBrace, openBracket } from "./json.ts";

/** One record of a page: where it stands, and the JSON text of each wanted field (undefined where it is absent). */
export class ScannedRecord {
  readonly page: Buffer;
  readonly start: number;
  readonly end: number;
  readonly fields: readonly (string | undefined)[];

  constructor(page: Buffer, start: number, end: number, fields: readonly (string | undefined)[]) {
    this.page = page;
    this.start = start;
    this.end = end;
    this.fields = fields;
  }

  /** Its own bytes. */
  get json(): Buffer {
    return this.page.subarray(this.start, this.end);
  }
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
type Visit = (text: LoadedJson, json: Buffer, at: number) => number;

/** A scanner for pages of one shape. It throws `JsonError` for what JSON.parse refuses. */
export function pageScanner(shape: PageShape): (page: Buffer) => ScannedPage {
  let envelope: (string | undefined)[] = [];
  let records: ScannedRecord[] | undefined;
  let fields: (string | undefined)[] = [];
  const names = new Names();
  const absent = shape.fields.map(() => undefined);

  const visitRecord = visitor(
    shape.fields.map((path, index) => ({
      path,
      visit: (text, json, at) => {
        const end = text.skipValue(at);
        fields[index] = json.toString("utf8", at, end);
        return end;
      },
    })),
    names,
  );
  const visitRecords: Visit = (text, json, at) => {
    records = undefined;
    if (json[at] !== openBracket) return text.skipValue(at);
    const found: ScannedRecord[] = [];
    records = found;
    let i = text.skipSign(at, openBracket);
    if (json[i] === closeBracket) return i + 1;
    for (;;) {
      fields = absent.slice();
      const end = visitRecord(text, json, i);
      found.push(new ScannedRecord(json, i, end, fields));
      i = text.skipSpace(end);
      if (json[i] === closeBracket) return i + 1;
      i = text.skipSign(i, comma);
    }
  };
  const visitPage = visitor(
    [
      { path: shape.records, visit: visitRecords },
      ...shape.envelope.map((path, index) => ({
        path,
        visit: (text: LoadedJson, json: Buffer, at: number) => {
          const end = text.skipValue(at);
          envelope[index] = json.toString("utf8", at, end);
          return end;
        },
      })),
    ],
    names,
  );

  return (page) => {
    envelope = shape.envelope.map(() => undefined);
    records = undefined;
    const text = load(page, names.bytes);
    const end = text.skipSpace(visitPage(text, page, text.skipSpace(0)));
    if (end < page.length) throw new JsonError(`more than one value, the second at byte ${end}`);
    return { records, envelope };
  };
}

interface WantedPath {
  readonly path: string;
  readonly visit: Visit;
}

/**
 * Paths as a tree, so that an object is walked once for all of them and what nobody asked for is only skipped. No path is the beginning of
 * another.
 */
function visitor(wanted: readonly WantedPath[], names: Names): Visit {
  const wantedNames = [...new Set(wanted.map(({ path }) => path.split(".", 1)[0] ?? ""))];
  const list = names.add(wantedNames);
  const visits = wantedNames.map((name): Visit => {
    const whole = wanted.find(({ path }) => path === name);
    const below = wanted
      .filter(({ path }) => path.startsWith(`${name}.`))
      .map(({ path, visit }) => ({ path: path.slice(name.length + 1), visit }));
    return whole?.visit ?? visitor(below, names);
  });
  return (text, json, at) => {
    if (json[at] !== openBrace) return text.skipValue(at);
    let i = text.firstMember(at, list);
    for (let visit = visits[text.found()]; visit; visit = visits[text.found()]) {
      i = text.nextMember(visit(text, json, i), list);
    }
    return i;
  };
}

/** The lists of names of all objects that are walked. */
class Names {
  bytes = Buffer.alloc(0);

  /** Where the list begins. */
  add(names: readonly string[]): number {
    const start = this.bytes.length;
    this.bytes = Buffer.concat([this.bytes, namesOf(names)]);
    return start;
  }
}
