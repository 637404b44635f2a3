import { beforeEach, expect, test } from "vitest";
import { KeyVaultSecrets, type VaultClient } from "../../function-code/secrets.ts";
import { TestClock } from "./support/test-clock.ts";

const secretId = "https://kv-example.vault.azure.net/secrets/emea-token";

let answers: (string | Error)[];
let asked: string[];
let clock: TestClock;
let secrets: KeyVaultSecrets;

beforeEach(() => {
  answers = [];
  asked = [];
  clock = new TestClock();
  const client: VaultClient = {
    getSecret: (name) => {
      asked.push(name);
      const answer = answers.shift() ?? "";
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve({ name, value: answer, properties: { vaultUrl: "", name } });
    },
  };
  secrets = new KeyVaultSecrets(
    (url) => {
      asked.push(url);
      return Promise.resolve(client);
    },
    { clock, random: () => 1 },
  );
});

const refusal = (statusCode: number, code = "") => Object.assign(new Error("canary"), { statusCode, code });

test("a value is read from its vault, kept for minutes, and read again when it is said to be stale", async () => {
  answers = ["first\n", "second", "third"];
  expect(await secrets.read(secretId)).toBe("first");
  expect(asked).toEqual(["https://kv-example.vault.azure.net", "emea-token"]);
  expect(await secrets.read(secretId)).toBe("first");
  expect(await secrets.read(secretId, true)).toBe("second");
  clock.time += 301_000;
  expect(await secrets.read(secretId)).toBe("third");
});

test.each([
  ["a role that is missing", refusal(403, "Forbidden"), "waiting-for-azure", /Key Vault Secrets User/],
  [
    "a secret that does not exist",
    refusal(404),
    "failing",
    /"emea-token" in Key Vault kv-example\.vault\.azure\.net does not exist/,
  ],
  [
    "a secret that is disabled",
    Object.assign(refusal(403, "Forbidden"), { message: "The secret is disabled." }),
    "failing",
    /is disabled/,
  ],
  ["a secret that is empty", "  ", "failing", /is empty/],
])("%s is said as that", async (_, answer, status, message) => {
  answers = [answer];
  const failure = await secrets.read(secretId).catch((error: unknown) => error);
  expect(failure).toMatchObject({ status, message: expect.stringMatching(message) as string });
  expect((failure as Error).message).not.toContain("canary");
});

test("a vault that is busy is asked again", async () => {
  answers = [refusal(503), "value"];
  expect(await secrets.read(secretId)).toBe("value");
  expect(clock.sleeps).toEqual([1000]);
});
