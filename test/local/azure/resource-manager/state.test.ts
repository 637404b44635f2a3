import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createResourceState } from "../../../../local/azure/resource-manager/state.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "state-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const canary = "s1-token-canary-7f3a";
const secret = {
  id: "/subscriptions/S/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv/secrets/token",
  type: "azure-native:keyvault:Secret",
  inputs: { properties: { value: canary } },
  outputs: {},
};
const registration = {
  urn: "urn:pulumi:local::test::azure-native:keyvault:Secret::token",
  type: secret.type,
  name: "token",
  id: secret.id,
  inputs: secret.inputs,
  outputs: {},
  secrets: ["properties"],
  dependencies: [],
  protect: false,
  retainOnDelete: false,
  settled: true,
};
const stateFile = () => join(dataDir, "azure", "resources.json");
const changesFile = () => join(dataDir, "azure", "changes.jsonl");

test("everything is there again for the next process, whatever the case of an id", () => {
  const first = createResourceState(dataDir);
  first.set(secret);
  first.registrations.set(registration);
  const second = createResourceState(dataDir);
  expect(second.directory).toEqual(first.directory);
  expect(second.get(secret.id.toUpperCase())).toEqual(secret);
  expect(second.list(secret.type)).toEqual([secret]);
  expect(second.registrations.list("urn:pulumi:local::test::")).toEqual([registration]);
  second.delete(secret.id.toLowerCase());
  second.registrations.delete(registration.urn);
  const third = createResourceState(dataDir);
  expect(third.list(secret.type)).toEqual([]);
  expect(third.registrations.get(registration.urn)).toBeUndefined();
});

test("no file of the data folder holds a secret, and only the owner can read any", () => {
  const state = createResourceState(dataDir);
  state.set(secret);
  state.registrations.set(registration);
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name).sort()).toEqual(["changes.jsonl", "resources.json", "state.key"]);
  for (const { parentPath, name } of files) {
    const file = join(parentPath, name);
    const bytes = readFileSync(file);
    for (const form of [
      canary,
      Buffer.from(canary).toString("base64").slice(0, -4),
      Buffer.from(canary).toString("hex"),
    ]) {
      expect(bytes.includes(form)).toBe(false);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }
});

test("files that a killed process left behind do not open the state to others", () => {
  createResourceState(dataDir);
  writeFileSync(`${stateFile()}.tmp`, "", { mode: 0o644 });
  writeFileSync(changesFile(), "", { mode: 0o644 });
  createResourceState(dataDir).set(secret);
  expect([stateFile(), changesFile()].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
});

test("a change costs a line, whatever is kept already", () => {
  const state = createResourceState(dataDir);
  const before = statSync(stateFile());
  for (let n = 0; n < 100; n++) state.set({ ...secret, id: `${secret.id}-${n}` });
  expect(statSync(stateFile()).mtimeMs).toBe(before.mtimeMs);
  expect(readFileSync(changesFile(), "utf8").split("\n")).toHaveLength(101);
  expect(createResourceState(dataDir).list(secret.type)).toHaveLength(100);
  expect(readdirSync(join(dataDir, "azure")).sort()).toEqual(["resources.json", "state.key"]);
});

test("a change that a killed process was writing did not happen; those before it did", () => {
  createResourceState(dataDir).set(secret);
  const text = readFileSync(changesFile(), "utf8");
  writeFileSync(changesFile(), `${text}${text.slice(0, 99)}`);
  const next = createResourceState(dataDir);
  expect(next.list(secret.type)).toEqual([secret]);
  next.delete(secret.id);
  expect(createResourceState(dataDir).list(secret.type)).toEqual([]);
});

test("a change that the disk refuses did not happen, and says so in plain words", () => {
  createResourceState(dataDir).set(secret);
  const state = createResourceState(dataDir);
  const heard: string[] = [];
  state.onChange((id) => heard.push(id));
  // /dev/full answers every write as a full disk does.
  symlinkSync("/dev/full", changesFile());
  const other = { ...secret, id: `${secret.id}-2` };
  expect(() => state.set(other)).toThrow(
    `The local Azure cannot save its state in ${changesFile()}: the disk is full. Free some space, or choose another data folder.`,
  );
  expect(state.get(other.id)).toBeUndefined();
  expect(heard).toEqual([]);
  expect(createResourceState(dataDir).list(secret.type)).toEqual([secret]);
});

test("a folder that cannot be made is named", () => {
  writeFileSync(join(dataDir, "azure"), "not a folder");
  expect(() => createResourceState(dataDir)).toThrow(join(dataDir, "azure"));
});

test.each([
  ["cut short", (text: string) => text.slice(0, text.length / 2)],
  ["of another version", (text: string) => text.replace('"version": 1', '"version": 9')],
  ["tampered with", (text: string) => text.replace(/"sealed": "..../, '"sealed": "AAAA')],
])("a state file that is %s is refused with the way out", (_, spoil) => {
  createResourceState(dataDir).set(secret);
  createResourceState(dataDir);
  writeFileSync(stateFile(), spoil(readFileSync(stateFile(), "utf8")));
  expect(() => createResourceState(dataDir)).toThrow(
    /cannot read its state in .*resources\.json.*delete the data folder/s,
  );
});

test("changes that were tampered with are refused", () => {
  createResourceState(dataDir).set(secret);
  writeFileSync(changesFile(), readFileSync(changesFile(), "utf8").replace(/"sealed":"..../, '"sealed":"AAAA'));
  expect(() => createResourceState(dataDir)).toThrow(/cannot read its state in .*delete the data folder/s);
});

test("a state whose key is lost or broken is refused", () => {
  createResourceState(dataDir).set(secret);
  const key = join(dataDir, "azure", "state.key");
  writeFileSync(key, "short");
  expect(() => createResourceState(dataDir)).toThrow("state.key does not hold a key of 32 bytes");
  rmSync(key);
  expect(() => createResourceState(dataDir)).toThrow("cannot read its state");
});

test("two states in memory share nothing and write nothing", () => {
  mkdirSync(join(dataDir, "azure"));
  const [one, other] = [createResourceState(), createResourceState()];
  one.set(secret);
  expect(other.list(secret.type)).toEqual([]);
  expect(one.directory.subscriptionId).not.toBe(other.directory.subscriptionId);
  expect(readdirSync(join(dataDir, "azure"))).toEqual([]);
});

test("what was set is not changed from outside, and listeners hear of each change until they stop", () => {
  const state = createResourceState();
  const heard: unknown[] = [];
  const stop = state.onChange((id, resource) => heard.push([id, resource?.outputs]));
  const mutable = { ...secret, outputs: { a: 1 } };
  state.set(mutable);
  mutable.outputs.a = 2;
  expect(state.get(secret.id)?.outputs).toEqual({ a: 1 });
  state.delete(secret.id);
  stop();
  state.set(secret);
  expect(heard).toEqual([
    [secret.id, { a: 1 }],
    [secret.id, undefined],
  ]);
});
