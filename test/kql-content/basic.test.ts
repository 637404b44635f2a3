import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCatalog } from "../../kql/catalog.ts";

const root = join(import.meta.dirname, "..", "..", "kql");

/** All KQL and what lies beside it, but for the streams' own folders. */
const readers = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
  (path) => /\.(kql|json)$/.test(path) && !path.split("/").includes("streams"),
);

// Azure Monitor docs, basic-logs-query: no functions, and no rule of Sentinel, over a table of plan Basic.
test.each(readCatalog().filter(({ basicAllowed }) => basicAllowed))(
  "nothing of ours reads $table, which may be of plan Basic",
  ({ table }) => {
    const name = new RegExp(`\\b${table.replace(/_CL$/, "")}(_CL|Latest)\\b`);
    expect(readers.filter((path) => name.test(readFileSync(join(root, path), "utf8")))).toEqual([]);
  },
);

test("there are such streams, and readers of others", () => {
  expect(readCatalog().filter(({ basicAllowed }) => basicAllowed)).not.toEqual([]);
  expect(readers.length).toBeGreaterThan(20);
});
