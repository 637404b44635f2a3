import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bundleWorker } from "../../components/bundle.ts";
import { digest, keepPackage, keptPackage, unchangedPackage } from "../../components/kept-package.ts";
import { packageOf } from "../../components/publish-package.ts";

let root: string;
const cache = () => join(root, "node_modules", ".cache");
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "kept-package-"));
  mkdirSync(join(root, "code"));
  for (const file of files) writeFileSync(join(root, file), "as it was");
});
afterEach(() => rmSync(root, { recursive: true }));

const files = ["code/main.ts", "host.json"];
const packaged = (text: string) => {
  const zip = Buffer.from(text);
  return { zip, sha256: digest(zip), version: `0.0.0+${text}`, bytes: zip.byteLength };
};
const [one, other] = [packaged("one"), packaged("other")];
const later = () => Date.now() + 60_000;
const keep = (made: typeof one, readAt = later()) => keepPackage(made, { files, settings: "{}", readAt }, root);

describe("the package that a program leaves", () => {
  test("is found by its digest, until another takes its place; nothing else is left behind", () => {
    keep(one);
    expect(keptPackage(one.sha256, root)).toEqual(one.zip);
    keep(other);
    expect([keptPackage(one.sha256, root), keptPackage(other.sha256, root)]).toEqual([undefined, other.zip]);
    expect(readdirSync(cache()).sort()).toEqual(["worker.json", "worker.zip"]);
  });

  test("is not taken when its bytes are others, and is mended by the next program", () => {
    keep(one);
    writeFileSync(join(cache(), "worker.zip"), "forged");
    expect([keptPackage(one.sha256, root), unchangedPackage("{}", root)]).toEqual([undefined, undefined]);
    keep(one);
    expect(keptPackage(one.sha256, root)).toEqual(one.zip);
  });

  test("cannot be left everywhere, and that stops nobody", () => {
    writeFileSync(join(root, "node_modules"), "not a folder");
    keep(one);
    expect([keptPackage(one.sha256, root), unchangedPackage("{}", root)]).toEqual([undefined, undefined]);
  });
});

describe("the package of unchanged sources", () => {
  test("is the one that was left, with what is told of it", () => {
    keep(one);
    expect(unchangedPackage("{}", root)).toEqual(one);
  });

  test.each<[string, () => void]>([
    ["a file is another", () => writeFileSync(join(root, "code/main.ts"), "as it is now")],
    ["a file is gone", () => rmSync(join(root, "host.json"))],
    ["its note cannot be read", () => writeFileSync(join(cache(), "worker.json"), "{")],
    ["the package is gone", () => rmSync(join(cache(), "worker.zip"))],
  ])("is none where %s", (_, change) => {
    keep(one);
    change();
    expect(unchangedPackage("{}", root)).toBeUndefined();
  });

  test("is none where a setting is another", () => {
    keep(one);
    expect(unchangedPackage('{"more":1}', root)).toBeUndefined();
  });

  test("is none where a file was written while the package was being made: which of both is in it, nobody knows", () => {
    keep(one, Date.now() - 60_000);
    expect(unchangedPackage("{}", root)).toBeUndefined();
    expect(keptPackage(one.sha256, root)).toEqual(one.zip);
  });

  test("heeds all that the worker is made of: code, packages, and what says how", async () => {
    await bundleWorker();
    const program = join(import.meta.dirname, "..", "..");
    const note = JSON.parse(readFileSync(join(program, "node_modules", ".cache", "worker.json"), "utf8")) as {
      files: string[];
    };
    expect(note.files).toEqual(
      expect.arrayContaining(["function-code/main.ts", "function-code/host.json", "components/bundle.ts"]),
    );
    expect(note.files.filter((file) => /node_modules\/(@azure\/identity|\.package-lock\.json)/.test(file))).not.toEqual(
      [],
    );
  });
});

describe("the package that is published", () => {
  test("is the one that was left, without making it", async () => {
    keep(one);
    expect(await packageOf(one.sha256, root)).toEqual(one.zip);
  });

  test("is made where none was left, the same byte for byte", async () => {
    const { sha256 } = await bundleWorker();
    expect(digest(await packageOf(sha256, root))).toBe(sha256);
  });

  test("is no other than the one that was shown, even where only that can be made", async () => {
    await expect(packageOf(digest(Buffer.from("shown")), root)).rejects.toThrow(/sources changed.*pulumi up/);
  });
});
