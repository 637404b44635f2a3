import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { oidcToken } from "../../../components/deployer-credential.ts";

let server: Server;
let url: string;
let asked: IncomingMessage | undefined;
let answer = { status: 200, body: "" };
beforeAll(async () => {
  server = createServer((request, response) => {
    asked = request;
    response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token?api-version=1`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

test("a token that was handed over is used as it is", async () => {
  expect(await oidcToken({ ARM_OIDC_TOKEN: "given", ARM_OIDC_REQUEST_URL: url })).toBe("given");
});

test("a token in a file is read anew each time, since CI renews it there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oidc-"));
  const file = join(folder, "token");
  writeFileSync(file, "first\n");
  expect(await oidcToken({ ARM_OIDC_TOKEN_FILE_PATH: file })).toBe("first");
  writeFileSync(file, "second\n");
  expect(await oidcToken({ ARM_OIDC_TOKEN_FILE_PATH: file })).toBe("second");
  rmSync(folder, { recursive: true });
});

test.each(["ARM_OIDC_REQUEST", "ACTIONS_ID_TOKEN_REQUEST"])(
  "the CI service named by %s is asked for Entra's audience",
  async (prefix) => {
    answer = { status: 200, body: '{"value":"issued"}' };
    expect(await oidcToken({ [`${prefix}_URL`]: url, [`${prefix}_TOKEN`]: "job" })).toBe("issued");
    expect(asked?.headers.authorization).toBe("Bearer job");
    expect(asked?.url).toBe("/token?api-version=1&audience=api%3A%2F%2FAzureADTokenExchange");
  },
);

test.each([
  ["nothing is at hand", {}, /id-token: write/],
  ["the service refuses", { ARM_OIDC_REQUEST_TOKEN: "canary" }, /refused an OIDC token \(403\)/],
])("where %s, the message says what to do", async (_, environment, message) => {
  answer = { status: 403, body: '{"value":"canary"}' };
  const asking = oidcToken(
    "ARM_OIDC_REQUEST_TOKEN" in environment ? { ...environment, ARM_OIDC_REQUEST_URL: url } : environment,
  );
  await expect(asking).rejects.toThrow(message);
  await expect(asking).rejects.not.toThrow(/canary/);
});
