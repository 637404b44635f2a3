import { spawn } from "node:child_process";

/** `npm run check`: every static check side by side; each one's output is shown only when it fails. */
const checks = [
  ["format", "biome", "ci", "--colors=off", "."],
  ["lint", "oxlint", "--type-aware", "--deny-warnings"],
  ["types", "tsc", "--noEmit"],
  ["assembled code", "node", "tools/assemble.ts", "--check"],
  ["dead code", "knip", "--no-progress"],
  [
    "import directions",
    "depcruise",
    "stacks",
    "components",
    "function-code",
    "kql",
    "local",
    "test",
    "tools",
    "--output-type",
    "err",
  ],
] as const;

function run([name, command, ...args]: (typeof checks)[number]): Promise<boolean> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    const output: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
    child.on("error", (error) => output.push(Buffer.from(`${command} could not be started: ${error.message}\n`)));
    child.on("close", (code) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
      if (code !== 0) process.stdout.write(Buffer.concat(output));
      resolve(code === 0);
    });
  });
}

const results = await Promise.all(checks.map(run));
process.exitCode = results.every(Boolean) ? 0 : 1;
