import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { simulatedToken } from "../../../../local/commands/local-azure/stack-simulators.ts";

interface StackFile {
  readonly encryptionsalt: string;
  readonly config: Readonly<Record<string, unknown>>;
}

// Source: pulumi, sdk/go/common/resource/config/crypt.go and pkg/secrets/passphrase/manager.go
test("the stack file's secrets open with the passphrase of the block, and are the simulators' token", () => {
  const text = readFileSync(join(import.meta.dirname, "../../../../stacks/Pulumi.local.yaml"), "utf8");
  const { encryptionsalt, config } = parse(text) as StackFile;
  const [version, salt = "", ...probe] = encryptionsalt.split(":");
  const key = pbkdf2Sync("local", Buffer.from(salt, "base64"), 1_000_000, 32, "sha256");
  const open = (sealed: string) => {
    const [, nonce = "", secret = ""] = sealed.split(":");
    const bytes = Buffer.from(secret, "base64");
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString("utf8");
  };
  expect([version, open(probe.join(":"))]).toEqual(["v1", "pulumi"]);
  const connections = config["sentinelone-valence-connector:connections"] as { apiToken: { secure: string } }[];
  expect(connections.map(({ apiToken }) => open(apiToken.secure))).toEqual([simulatedToken, simulatedToken]);
});
