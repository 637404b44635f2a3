import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CertificateAuthority, certificateFile } from "../../../../local/azure/network/ca.ts";

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "ca-"));
  folder = join(parent, "ca");
});
afterEach(() => rmSync(parent, { recursive: true }));

test("an authority outlives its process, so that clients go on trusting it", async () => {
  const first = await CertificateAuthority.open(folder);
  const second = await CertificateAuthority.open(folder);
  expect(second.certificate).toBe(first.certificate);
  expect(readFileSync(certificateFile(folder), "utf8")).toBe(first.certificate);
  const leaf = new X509Certificate((await second.issue(["kv-test.vault.azure.net"])).certificate);
  expect(leaf.verify(new X509Certificate(first.certificate).publicKey)).toBe(true);
});

test("nobody else may read the authority's key", async () => {
  await CertificateAuthority.open(folder);
  expect(statSync(join(folder, "ca.key")).mode & 0o777).toBe(0o600);
});

test("a leaf is good for its own names and addresses alone", async () => {
  const ca = await CertificateAuthority.open();
  const leaf = new X509Certificate((await ca.issue(["acct.queue.core.windows.net", "127.0.0.1"])).certificate);
  expect(leaf.checkHost("acct.queue.core.windows.net")).toBeDefined();
  expect(leaf.checkHost("other.queue.core.windows.net")).toBeUndefined();
  expect(leaf.checkIP("127.0.0.1")).toBeDefined();
});

test("a key that is not the certificate's, left by a start that died half way, is replaced", async () => {
  const first = await CertificateAuthority.open(folder);
  const other = join(parent, "other");
  await CertificateAuthority.open(other);
  writeFileSync(join(folder, "ca.key"), readFileSync(join(other, "ca.key")));
  expect((await CertificateAuthority.open(folder)).certificate).not.toBe(first.certificate);
});
