import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { environmentBlock } from "../../../../local/commands/local-azure/environment-block.ts";

test("a shell that reads the block is the operator and nobody else, whatever it was before", () => {
  const block = environmentBlock({
    environment: { ARM_CLIENT_ID: "it's me", PATH: "/never", HOME: "/never" },
    debugProviders: "azure-native:1,random:2",
    backend: "/data/of mine/pulumi",
  });
  const names = ["ARM_CLIENT_ID", "ARM_USE_OIDC", "PULUMI_DEBUG_PROVIDERS", "PULUMI_BACKEND_URL", "HOME", "PATH"];
  const script = `${block}\nprintf '%s|' ${names.map((name) => `"\${${name}-}"`).join(" ")}`;
  const env = { ARM_USE_OIDC: "true", HOME: "/home/me", PATH: "/usr/bin:/bin" };
  const told = execFileSync("/bin/sh", ["-euc", script], { env, encoding: "utf8" }).split("|");
  expect(told.slice(0, 5)).toEqual([
    "it's me",
    "",
    "azure-native:1,random:2",
    "file:///data/of mine/pulumi",
    "/home/me",
  ]);
  expect(told[5]).toMatch(/node_modules\/node\/bin:\/usr\/bin:\/bin$/);
});
