import { readFileSync } from "node:fs";
import { join } from "node:path";

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8")) as {
  version: string;
};

/** Version of rules, queries and workbooks as Sentinel shows it: the package's own. */
export const contentVersion: string = manifest.version;
