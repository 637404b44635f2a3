import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { unpack } from "../../../../local/azure/scm/archive.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "archive-"));
});
afterEach(() => rm(folder, { recursive: true }));

const target = () => join(folder, "package");

test("files and folders arrive as they were packed", async () => {
  await unpack(
    zipSync({ "host.json": strToU8("{}"), "lib/main.js": strToU8("1"), "empty.txt": new Uint8Array() }),
    target(),
  );
  expect(await readFile(join(target(), "lib/main.js"), "utf8")).toBe("1");
  expect((await readdir(target())).sort()).toEqual(["empty.txt", "host.json", "lib"]);
});

test.each(["../evil.js", "lib/../../evil.js", "/evil.js", "C:\\evil.js", "lib\\..\\..\\evil.js"])(
  "an entry that would land elsewhere is refused: %s",
  async (name) => {
    await expect(unpack(zipSync({ [name]: strToU8("evil") }), target())).rejects.toThrow("outside its root");
    expect(await readdir(folder)).not.toContain("evil.js");
  },
);

test("a symbolic link is refused", async () => {
  const link = zipSync({ "main.js": [strToU8("/etc/passwd"), { os: 3, attrs: 0o120777 << 16 }] });
  await expect(unpack(link, target())).rejects.toThrow("symbolic link");
});

test("a flipped byte is noticed", async () => {
  const zip = zipSync({ "main.js": [strToU8("module.exports = 1;"), { level: 0 }] });
  const at = Buffer.from(zip).indexOf("exports");
  zip[at] = (zip[at] ?? 0) ^ 1;
  await expect(unpack(zip, target())).rejects.toThrow(/"main.js" of the package is damaged/);
});

test.each([
  ["text", strToU8("<html>not a zip</html>")],
  ["a cut file", zipSync({ "main.js": strToU8("1") }).subarray(0, 40)],
])("%s is no zip", async (_, bytes) => {
  await expect(unpack(bytes, target())).rejects.toThrow("no zip file");
});

test("a package without files is refused", async () => {
  await expect(unpack(zipSync({}), target())).rejects.toThrow("empty");
});
