import { usedNames } from "../../local/kql/engine.ts";
import { parse } from "../../local/kql/parser.ts";
import { kindOf, walk } from "../../local/kql/tree.ts";

/*
 * The KQL that Azure accepts in a `transformKql`. The list is complete: what is not on it is refused, or fails row by row.
 * https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-transformations-kql
 */

const tabularOperators = words("extend project print where parse project-away project-rename columnifexists");

const functions = words(`
  tobool todatetime todouble toreal toguid toint tolong tostring totimespan
  ago datetime_add datetime_diff datetime_part dayofmonth dayofweek dayofyear endofday endofmonth endofweek endofyear
  getmonth getyear hourofday make_datetime make_timespan now startofday startofmonth startofweek startofyear weekofyear
  array_concat array_length pack_array pack parse_json parse_xml zip
  abs bin floor ceiling exp exp10 exp2 isfinite isinf isnan log log10 log2 pow round sign
  case iif max_of min_of
  base64_encodestring base64_decodestring countof extract extract_all indexof isempty isnotempty split
  strcat strcat_delim strlen substring tolower toupper hash_sha256
  gettype isnotnull isnull
  parse_cef_dictionary geo_location
`);

/** By the parser's names; its `InCs` is `in~`. A dynamic literal is missing on purpose, as are `in~`, `between`, `has_any` and `has_all`. */
const expressions = words(`
  Pipe DataTable FunctionCall Path Element Bracketed Parenthesized SimpleNamed CompoundNamed Star TypeOfLiteral PrimitiveType
  BooleanLiteral IntLiteral LongLiteral RealLiteral DateTimeLiteral TimespanLiteral StringLiteral CompoundStringLiteral
  UnaryPlus UnaryMinus Add Subtract Multiply Divide Modulo And Or
  LessThan LessThanOrEqual GreaterThan GreaterThanOrEqual Equal NotEqual EqualTilde BangTilde In NotIn
  Has HasCs NotHas NotHasCs Contains ContainsCs NotContains NotContainsCs MatchesRegex
  StartsWith StartsWithCs NotStartsWith NotStartsWithCs EndsWith EndsWithCs NotEndsWith NotEndsWithCs
`);

/** What a transform uses although Azure does not run it in transforms. */
export function notForTransforms(kql: string): string[] {
  const used = usedNames(kql);
  const found = new Set<string>();
  walk(parse(kql), (node) => {
    const [, expression] = /^(\w+)Expression$/.exec(kindOf(node)) ?? [];
    if (expression !== undefined && !expressions.has(expression)) found.add(expression);
  });
  return [
    ...[...used.operators].filter((name) => !tabularOperators.has(name)),
    ...[...used.functions].filter((name) => !functions.has(name)),
    ...found,
  ];
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
