import type { Scalar } from "../scalar.ts";
import { quote, type Sql } from "../sql.ts";

// Kusto's regular expressions know all of Unicode, DuckDB's only ASCII in the short forms.
const classes: Readonly<Record<string, string>> = {
  d: "\\p{Nd}",
  w: "\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}",
  s: "\\s\\x{0B}\\x{85}\\p{Z}",
};

/** The pattern with its short classes (`\d`, `\w`, `\s` and their opposites) spelled out. */
export function unicodePattern(pattern: string): string {
  let result = "";
  let inClass = false;
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    if (character === "\\") {
      index += 1;
      result += shortClass(pattern.charAt(index), inClass);
      continue;
    }
    if (character === "[" && !inClass) {
      inClass = true;
      // A bracket that comes first is a member of the class
      const head = /^\[\^?\]?/.exec(pattern.slice(index))?.[0] ?? "[";
      result += head;
      index += head.length - 1;
      continue;
    }
    if (character === "]") inClass = false;
    result += character;
  }
  return result;
}

function shortClass(letter: string, inClass: boolean): string {
  const members = classes[letter.toLowerCase()];
  if (members === undefined) return `\\${letter}`;
  if (letter === letter.toLowerCase()) return inClass ? members : `[${members}]`;
  // A class cannot hold the opposite of several ranges: there the ASCII form stays
  if (inClass) return letter === "D" ? "\\P{Nd}" : `\\${letter}`;
  return `[^${members}]`;
}

/** A pattern argument as SQL. One that comes from the data is taken as it is. */
export function patternSql(value: Scalar): Sql {
  return typeof value.constant === "string"
    ? { text: quote(unicodePattern(value.constant)), uses: new Set() }
    : value.sql;
}

/** How many groups a pattern captures. */
export function groupsIn(pattern: string): number {
  const bare = pattern.replace(/\\./gs, "").replace(/\[\^?\]?[^\]]*\]/g, "");
  return (bare.match(/\((?!\?(?!P<))/g) ?? []).length;
}
