import { condition, negated, type Scalar } from "../scalar.ts";
import { quote, type Sql, sql } from "../sql.ts";
import { patternSql } from "./regex.ts";

type Match = (text: Scalar, needle: Scalar) => Scalar;

/** What is neither letter nor digit delimits terms, the underscore included. */
const delimiter = "[^\\pL\\pN]";
/** Of ASCII only: DuckDB takes milliseconds to compile the classes of all letters, and a query may hold dozens of terms. */
const asciiDelimiter = "[\\x00-/:-@\\[-\\x60{-\\x7f]";
const isTermCharacter = (character: string) => /[\p{L}\p{N}]/u.test(character);

export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
}

interface Edges {
  readonly start: boolean;
  readonly end: boolean;
}

/** Which edges of the needle must be those of a term: none that is itself a delimiter. */
function edgesOf(needle: string, edges: Edges): Edges {
  const characters = Array.from(needle);
  return {
    start: edges.start && isTermCharacter(characters[0] ?? ""),
    end: edges.end && isTermCharacter(characters.at(-1) ?? ""),
  };
}

function termMatch(edges: Edges, sensitive: boolean): Match {
  return (text, needle) => {
    const flags = sensitive ? "(?s)" : "(?si)";
    if (typeof needle.constant !== "string") {
      return condition(
        sql`regexp_matches(${text.sql}, ${quote(flags)} || ${edgePattern(needle.sql, edges, "start")} || regexp_escape(${needle.sql}) || ${edgePattern(needle.sql, edges, "end")})`,
        false,
      );
    }
    if (needle.constant === "") return condition(sql`true`, false);
    // Looking for the text alone is cheap and rules out most rows
    const contained = contains(sensitive)(text, needle).sql;
    const { start, end } = edgesOf(needle.constant, edges);
    if (!start && !end) return condition(contained, false);
    const word = escapeRegex(needle.constant);
    const ascii = `${flags}${start ? `(?:^|${asciiDelimiter})` : ""}${word}${end ? `(?:$|${asciiDelimiter})` : ""}`;
    const exact = `${start ? "(?<![\\p{L}\\p{N}])" : ""}${word}${end ? "(?![\\p{L}\\p{N}])" : ""}`;
    const beyondAscii = sql`(length(${text.sql}) < strlen(${text.sql}) AND kql_matches_exactly(${text.sql}, ${quote(exact)}, ${sensitive}))`;
    return condition(sql`(${contained} AND (regexp_matches(${text.sql}, ${quote(ascii)}) OR ${beyondAscii}))`, false);
  };
}

function edgePattern(needle: Sql, edges: Edges, edge: keyof Edges): Sql {
  if (!edges[edge]) return sql`''`;
  const pattern = edge === "start" ? `(?:^|${delimiter})` : `(?:$|${delimiter})`;
  const term = edge === "start" ? "^[\\pL\\pN]" : "[\\pL\\pN]$";
  return sql`CASE WHEN regexp_matches(${needle}, ${quote(term)}) THEN ${quote(pattern)} ELSE '' END`;
}

function plain(name: string): (sensitive: boolean) => Match {
  return (sensitive) => (text, needle) => {
    const fold = (value: Scalar) =>
      typeof value.constant === "string" ? sql`${quote(value.constant.toLowerCase())}` : sql`lower(${value.sql})`;
    return condition(
      sensitive ? sql`${name}(${text.sql}, ${needle.sql})` : sql`${name}(${sql`lower(${text.sql})`}, ${fold(needle)})`,
      false,
    );
  };
}

const contains = plain("contains");
const startsWith = plain("starts_with");
const endsWith = plain("ends_with");
const whole: Edges = { start: true, end: true };
const prefix: Edges = { start: true, end: false };
const suffix: Edges = { start: false, end: true };

const foldedEqual: Match = (text, needle) => condition(sql`(lower(${text.sql}) = lower(${needle.sql}))`, false);

function matchesRegex(text: Scalar, needle: Scalar): Scalar {
  return condition(sql`regexp_matches(${text.sql}, ${patternSql(needle)})`, false);
}

/** The string operators by the kind of their expression. Both sides are strings. */
export const textMatches: Readonly<Record<string, Match>> = {
  ...both("Has", (sensitive) => termMatch(whole, sensitive)),
  ...both("HasPrefix", (sensitive) => termMatch(prefix, sensitive)),
  ...both("HasSuffix", (sensitive) => termMatch(suffix, sensitive)),
  ...both("Contains", contains),
  ...both("StartsWith", startsWith),
  ...both("EndsWith", endsWith),
  EqualTildeExpression: foldedEqual,
  BangTildeExpression: (text, needle) => negated(foldedEqual(text, needle)),
  MatchesRegexExpression: matchesRegex,
};

/** An operator in its four forms: `has`, `has_cs`, `!has`, `!has_cs`. */
function both(name: string, match: (sensitive: boolean) => Match): Record<string, Match> {
  return {
    [`${name}Expression`]: match(false),
    [`${name}CsExpression`]: match(true),
    [`Not${name}Expression`]: (text, needle) => negated(match(false)(text, needle)),
    [`Not${name}CsExpression`]: (text, needle) => negated(match(true)(text, needle)),
  };
}

/** `has` of one term, for `has_any` and `has_all`. */
export const hasTerm: Match = termMatch(whole, false);
