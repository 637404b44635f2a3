import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bundleWorker } from "../../components/bundle.ts";
import { digest, keepPackage, keptPackage } from "../../components/kept-package.ts";
import { packageOf } from "../../components/publish-package.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kept-package-"));
  file = join(folder, "cache", "worker.zip");
});
afterEach(() => rmSync(folder, { recursive: true }));

const packaged = (text: string) => {
  const zip = Buffer.from(text);
  return { zip, sha256: digest(zip) };
};

describe("the package that a program leaves for whoever publishes it", () => {
  test("is found by its digest, until another takes its place; nothing else is left behind", () => {
    const [one, other] = [packaged("one"), packaged("other")];
    keepPackage(one, file);
    expect(keptPackage(one.sha256, file)).toEqual(one.zip);
    keepPackage(other, file);
    expect([keptPackage(one.sha256, file), keptPackage(other.sha256, file)]).toEqual([undefined, other.zip]);
    expect(readdirSync(join(folder, "cache"))).toEqual(["worker.zip"]);
  });

  test("is not taken for it when its bytes are others, and is mended by the next program", () => {
    const one = packaged("one");
    keepPackage(one, file);
    writeFileSync(file, "forged");
    expect(keptPackage(one.sha256, file)).toBeUndefined();
    keepPackage(one, file);
    expect(keptPackage(one.sha256, file)).toEqual(one.zip);
  });

  test("cannot be left everywhere, and that stops nobody", () => {
    writeFileSync(join(folder, "cache"), "not a folder");
    keepPackage(packaged("one"), file);
    expect(readdirSync(folder)).toEqual(["cache"]);
  });
});

describe("the package that is published", () => {
  test("is the one that was left, without making it", async () => {
    const one = packaged("no package that could be made");
    keepPackage(one, file);
    expect(await packageOf(one.sha256, file)).toEqual(one.zip);
  });

  test("is made where none was left, the same byte for byte", async () => {
    const { sha256 } = await bundleWorker();
    expect(digest(await packageOf(sha256, file))).toBe(sha256);
  });

  test("is no other than the one that was shown, even where only that can be made", async () => {
    await expect(packageOf(digest(Buffer.from("shown")), file)).rejects.toThrow(/sources changed.*pulumi up/);
  });
});
