import { randomUUID } from "node:crypto";
import type { Answer } from "./operated-azure.ts";

/** The operator's terminal: runs the very entry of `npm run connector` for one command after the other, all in this process. */
process.on("message", (args: readonly string[]) => {
  void run(args).then((answer) => process.send?.(answer));
});

async function run(args: readonly string[]): Promise<Answer> {
  const stdout = overheard(process.stdout);
  const stderr = overheard(process.stderr);
  const entry = new URL("../../stacks/operator/connector.ts", import.meta.url);
  process.argv = [process.execPath, entry.pathname, ...args];
  process.exitCode = 0;
  // Under a new name each time: what it imports is loaded once, and the entry itself is run again.
  await import(`${entry.href}?command=${randomUUID()}`);
  return { stdout: stdout.end(), stderr: stderr.end(), code: process.exitCode };
}

/** What is written to a stream from now on, until the end. */
function overheard(stream: NodeJS.WriteStream): { end(): string } {
  const write = stream.write.bind(stream);
  let text = "";
  stream.write = (chunk: string | Uint8Array) => {
    text += String(chunk);
    return true;
  };
  return {
    end() {
      stream.write = write;
      return text;
    },
  };
}
