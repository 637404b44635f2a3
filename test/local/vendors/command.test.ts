import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

const start = (vendor: string, ...options: readonly string[]) => {
  const child = spawn(process.execPath, [`local/vendors/${vendor}.ts`, ...options], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output };
};

test.each([
  ["sentinelone", "/web/api/v2.1/user", "ApiToken"],
  ["valence", "/api/v1/alert-types", "Bearer"],
])("%s starts alone, tells where it is, and ends when it is interrupted", async (vendor, path, scheme) => {
  const { child, output } = start(vendor, "--port", "0", "--seed", "3", "--scale", "0.01");
  await once(child.stdout, "data");
  const [, url, token] = /url\s+(\S+)\s+token\s+(\S+)/.exec(output()) ?? [];
  const response = await fetch(`${url}${path}`, { headers: { authorization: `${scheme} ${token}` } });
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("a number that cannot be used is refused with what is allowed", async () => {
  const { child, output } = start("sentinelone", "--port", "99999");
  expect(await once(child, "close")).toEqual([1, null]);
  expect(output()).toContain("Give a whole number from 0 to 65535.");
});
