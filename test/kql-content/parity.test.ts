import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
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
