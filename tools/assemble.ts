import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import wabt from "wabt";

/** `npm run assemble`: makes of `json.wat` the module that the worker loads it from; with `--check` only looks whether that is up to date. */
const folder = join(import.meta.dirname, "..", "function-code");
const source = join(folder, "json.wat");
const target = join(folder, "json-wasm.ts");

const assembler = await wabt();
const parsed = assembler.parseWat(source, readFileSync(source, "latin1"), { simd: true });
parsed.validate();
const wasm = Buffer.from(parsed.toBinary({}).buffer);
const text = `/** \`json.wat\`, assembled by \`npm run assemble\`: base64. */
export const jsonWasm =
  "${wasm.toString("base64")}";
`;

if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (readFileSync(target, "utf8") !== text) {
  console.error("function-code/json-wasm.ts is not what function-code/json.wat says. Run npm run assemble.");
  process.exitCode = 1;
}
