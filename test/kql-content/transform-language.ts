/**
 * The KQL that Azure accepts in a `transformKql`, of which the list is complete: what is not on it is refused or fails at run time.
 * @see https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-transformations-kql
 */
export const tabularOperators = [
  ...words("extend project print where parse"),
  ...words("project-away project-rename datatable columnifexists"),
];

export const functions = [
  ...words("tobool todatetime todouble toreal toguid toint tolong tostring totimespan"),
  ...words("ago datetime_add datetime_diff datetime_part dayofmonth dayofweek dayofyear endofday endofmonth endofweek"),
  ...words("endofyear getmonth getyear hourofday make_datetime make_timespan now startofday startofmonth startofweek"),
  ...words("startofyear weekofyear"),
  ...words("array_concat array_length pack_array pack parse_json parse_xml zip"),
  ...words("abs bin floor ceiling exp exp10 exp2 isfinite isinf isnan log log10 log2 pow round sign"),
  ...words("case iif max_of min_of"),
  ...words("base64_encodestring base64_decodestring countof extract extract_all indexof isempty isnotempty split"),
  ...words("strcat strcat_delim strlen substring tolower toupper hash_sha256"),
  ...words("gettype isnotnull isnull"),
  ...words("parse_cef_dictionary geo_location"),
];

function words(text: string): string[] {
  return text.split(" ");
}
