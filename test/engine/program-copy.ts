import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/** What the program is made of: all that it reads when it runs. */
const parts = ["Pulumi.yaml", "package.json", "stacks", "components", "function-code", "kql", "tools/require-node.cjs"];

/** The program in a folder of its own, to be changed as a developer would. */
export class ProgramCopy implements Disposable {
  readonly #parent = mkdtempSync(join(tmpdir(), "program-"));
  #moves = 0;

  constructor() {
    mkdirSync(this.folder);
    for (const part of parts) cpSync(join(root, part), join(this.folder, part), { recursive: true });
    mkdirSync(this.path("node_modules"));
    // But for the cache: the copy's compiled code goes with the copy.
    for (const name of readdirSync(join(root, "node_modules")).filter((name) => name !== ".cache")) {
      symlinkSync(join(root, "node_modules", name), this.path(join("node_modules", name)));
    }
  }

  get folder(): string {
    return join(this.#parent, String(this.#moves));
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  /** Gives the folder another name: a process that has loaded the program loads its changed modules only from another place. */
  move(): void {
    const before = this.folder;
    this.#moves++;
    renameSync(before, this.folder);
  }

  /** Puts another text in the place of one that is there. */
  replace(file: string, text: string, other: string): void {
    const before = readFileSync(this.path(file), "utf8");
    const after = before.replace(text, () => other);
    if (after === before) throw new Error(`${file} does not contain ${JSON.stringify(text)}.`);
    writeFileSync(this.path(file), after);
  }

  [Symbol.dispose](): void {
    rmSync(this.#parent, { recursive: true, force: true });
  }
}
