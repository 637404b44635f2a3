import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sentinelOneStreams } from "../../function-code/sentinelone/streams.ts";
import { readProfile } from "../../function-code/valence/profile.ts";
import { valenceStreams } from "../../function-code/valence/streams.ts";
import { readCatalog } from "../../kql/catalog.ts";

const root = join(import.meta.dirname, "../..");
const ids = readCatalog().map(({ id }) => id);

test("every stream has raw records and expected rows, and there are none of a stream that does not exist", () => {
  const samples = join(root, "test/streams");
  const folders = readdirSync(samples).flatMap((vendor) =>
    readdirSync(join(samples, vendor)).map((name) => ({
      id: `${vendor}-${name}`,
      folder: join(samples, vendor, name),
    })),
  );
  expect(folders.map(({ id }) => id).sort()).toEqual([...ids].sort());
  for (const { folder } of folders) expect(readdirSync(folder).sort()).toEqual(["expected.json", "raw.json"]);
});

test("every stream of a vendor has the file that collects it", () => {
  const collected = readCatalog().filter(({ vendor }) => vendor !== "health");
  const missing = collected
    .map(({ vendor, name }) => `function-code/${vendor}/${name}.ts`)
    .filter((file) => !existsSync(join(root, file)));
  expect(missing).toEqual([]);
});

test("the README names every stream with its table and what the token needs", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const declared = new Map(
    [...sentinelOneStreams, ...valenceStreams(readProfile("any"))].map(({ id, permission }) => [id, permission]),
  );
  const lines = readCatalog().map(
    ({ vendor, name, id, table, enabledByDefault }) =>
      `| ${vendor}/${name}${enabledByDefault ? "" : " (off)"} | \`${table}\` | ${declared.get(id) ?? ""} |`,
  );
  expect(lines.filter((line) => !readme.includes(`${line}\n`))).toEqual([]);
});
