import * as pulumi from "@pulumi/pulumi";
import * as runtimeState from "@pulumi/pulumi/runtime/state.js";
import { expect, test } from "vitest";
import { readDeployer } from "../../stacks/settings.ts";

const { LocalStore } = runtimeState as unknown as { LocalStore: new () => object };
const { asyncLocalStorage } = globalThis as unknown as {
  asyncLocalStorage: { run<T>(store: object, body: () => Promise<T>): Promise<T> };
};

test("what stack config tells the provider of who deploys, secrets too, is told under the names of its variables", async () => {
  const deployer = await asyncLocalStorage.run(new LocalStore(), () => {
    const secrets = ["azure-native:clientSecret"];
    const config = { clientId: "c", clientSecret: "s", useOidc: "false", location: "westeurope" };
    const keys = Object.entries(config).map(([key, value]) => [`azure-native:${key}`, value]);
    pulumi.runtime.setAllConfig(Object.fromEntries(keys) as Record<string, string>, secrets);
    return readDeployer();
  });
  expect(deployer).toEqual({ ARM_CLIENT_ID: "c", ARM_CLIENT_SECRET: "s", ARM_USE_OIDC: "false" });
});
