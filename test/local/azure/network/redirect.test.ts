import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CertificateAuthority, certificateFile } from "../../../../local/azure/network/ca.ts";
import { childEnvironment, redirectArguments } from "../../../../local/azure/network/child-environment.ts";
import { type Front, startFront } from "../../../../local/azure/network/front.ts";

const folder = mkdtempSync(join(tmpdir(), "redirect-"));
let front: Front;
beforeAll(async () => {
  front = await startFront({ ca: await CertificateAuthority.open(folder) });
  front.mount({ serves: () => true, fetch: (request) => Promise.resolve(new Response(`front ${request.url}`)) });
});
afterAll(async () => {
  await front.close();
  rmSync(folder, { recursive: true });
});

/** Runs statements in a child of the local Azure and gives what `report(…)` was called with. */
async function inChild(code: string, allowedHosts: readonly string[] = []): Promise<unknown[]> {
  const script = `
    const https = require("node:https"), http = require("node:http"), tls = require("node:tls");
    const reported = [];
    const report = (value) => reported.push(value);
    const get = (from, url) => new Promise((resolve) =>
      from.get(url, (answer) => answer.setEncoding("utf8").on("data", resolve)).on("error", (error) => resolve(error.code)));
    (async () => { ${code} })().then(() => { console.log(JSON.stringify(reported)); process.exit(); });`;
  const { stdout } = await promisify(execFile)(process.execPath, [...redirectArguments, "-e", script], {
    env: childEnvironment({ front, caFile: certificateFile(folder), allowedHosts }),
  });
  return JSON.parse(stdout) as unknown[];
}

test("Azure's host names end at the front door, over https and fetch, under the name that was asked for", async () => {
  const reported = await inChild(`
    report(await get(https, "https://kv-x.vault.azure.net/secrets/a"));
    report(await (await fetch("https://acct.table.core.windows.net/Tables")).text());
    report(await new Promise((resolve) => {
      const socket = tls.connect(443, "kv-x.vault.azure.net", { servername: "kv-y.vault.azure.net" }, () =>
        resolve(socket.getPeerCertificate().subjectaltname));
    }));
  `);
  expect(reported).toEqual([
    "front https://kv-x.vault.azure.net/secrets/a",
    "front https://acct.table.core.windows.net/Tables",
    "DNS:kv-y.vault.azure.net",
  ]);
});

test("everything else is refused, whatever it is called by", async () => {
  const reported = await inChild(`
    report(await get(https, "https://console.example/"));
    report(await get(http, "http://169.254.169.254/metadata/identity"));
    report(await get(http, "http://kv-x.vault.azure.net/"));
    report(await get(https, "https://kv-x.vault.azure.net.attacker.example/"));
    report(await fetch("https://console.example/").catch((error) => error.cause.code));
    report(await fetch("http://console.example/").catch((error) => error.cause.message));
    report(await new Promise((resolve) => tls.connect(443, "console.example").on("error", (error) => resolve(error.code))));
  `);
  const refused = "ERR_OUTSIDE_LOCAL_AZURE";
  expect(reported).toEqual([
    refused,
    refused,
    refused,
    refused,
    refused,
    expect.stringContaining("Connection to console.example:80 refused"),
    refused,
  ]);
});

test("loopback and the hosts that were listed are reached as they are", async () => {
  const server = createServer((_, answer) => answer.end("here"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const reported = await inChild(
    `
    report(await get(http, "http://127.0.0.1:${port}/"));
    report(await get(http, "http://listed.invalid:${port}/"));
    report(await get(http, "http://listed.invalid:${port + 1}/"));
  `,
    [`listed.invalid:${port}`],
  );
  server.close();
  expect(reported).toEqual(["here", expect.stringMatching(/ENOTFOUND|EAI_AGAIN/), "ERR_OUTSIDE_LOCAL_AZURE"]);
});

test("a child inherits nothing that could send it elsewhere", () => {
  process.env["HTTPS_PROXY"] = "http://proxy.invalid";
  try {
    const environment = childEnvironment({ front, caFile: "ca.pem" });
    expect(Object.keys(environment).sort()).toEqual(["HOME", "LOCAL_AZURE_PORT", "NODE_EXTRA_CA_CERTS", "PATH", "TZ"]);
  } finally {
    delete process.env["HTTPS_PROXY"];
  }
});
