import { expect, test } from "vitest";
import { refuseAmbiguousAlias } from "../../../../local/azure/workspace/ambiguous-alias.ts";

const saved = (id: string, alias: string, query: string) => ({
  id: `/savedSearches/${id}`,
  alias,
  query,
  parameters: "",
});
const functions = [
  saved("SentinelOne", "SentinelOne", "print ours = true"),
  saved("e1cb35b3", "SentinelOne", "print ours = false"),
  saved("Through", "Through", "let quiet = 1;\nSentinelOne | take quiet"),
  saved("Other", "Other", "print 'SentinelOne' // SentinelOne"),
];

// Two functions with one alias: Azure takes both and fails the queries
test.each([
  ["itself", "Other\n| union SentinelOne", "line 2, column 9"],
  ["through another function", "Through()", "line 1, column 1"],
])("a query that uses an alias of two saved searches, %s, is refused", (_, query, place) => {
  expect(() => refuseAmbiguousAlias(query, functions)).toThrow(
    `${place}: the function 'SentinelOne' is ambiguous: 2 saved searches have this alias (SentinelOne, e1cb35b3).`,
  );
});

test.each(["Other", 'print @\'SentinelOne\', "a \\" SentinelOne"', "SentinelOneAgents_CL"])(
  "a query that does not use it is answered: %s",
  (query) => {
    expect(() => refuseAmbiguousAlias(query, functions)).not.toThrow();
  },
);
