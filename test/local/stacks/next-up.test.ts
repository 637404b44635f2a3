import type { Agent } from "node:https";
import { SecretClient } from "@azure/keyvault-secrets";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../function-code/clock.ts";
import { readSettings } from "../../../function-code/environment.ts";
import { KeyVaultSecrets } from "../../../function-code/secrets.ts";
import type { Principal } from "../../../local/azure/cloud.ts";
import { principalCredential } from "../../../local/azure/identity/credential.ts";
import { type LocalAzure, startLocalAzure } from "../../../local/azure/local-azure.ts";
import { frontAgent } from "../../../local/azure/network/front-agent.ts";
import { deployStack } from "../../../local/commands/deploy-stack.ts";
import { readStackConfig } from "../../../local/commands/stack-config.ts";
import { DeploymentSite } from "../../fixtures/deployment-site.ts";

const site = new DeploymentSite();
let azure: LocalAzure;
let agent: Agent;
beforeAll(async () => {
  azure = await startLocalAzure({ timers: "manual", fault: site.fault });
  agent = frontAgent(azure.front);
});
afterAll(async () => {
  agent.destroy();
  await azure.close();
});

const emea = { name: "emea", vendor: "sentinelone", url: "https://emea.sentinelone.example" };
const apac = { name: "apac", vendor: "sentinelone", url: "https://apac.sentinelone.example" };

test("code that could not be published fails the up, and is published once by the next", async () => {
  const connections = [{ ...emea, apiToken: "canary-token" }];
  // The one passes, the other does not.
  site.refuse(409, 400);
  const failure = await up({ connections }).catch((error: unknown) => error as Error);
  expect(failure).toMatchObject({
    message: expect.stringMatching(
      /connector-code.* could not be created: func-.*\.scm\.azurewebsites\.net: POST \/api\/publish answers 400, which trying again will not cure/,
    ),
  });
  expect(String(failure)).not.toContain("canary");
  const [app] = azure.cloud.deployed.sites();
  expect([site.refusals, site.publications, azure.functions.functions(app?.name ?? "")]).toEqual([0, 0, []]);

  expect(await up({ connections })).toContain("create connector-code");
  expect(azure.functions.functions(app?.name ?? "").map(({ name }) => name)).toEqual(["schedule", "collect"]);
  expect(await up({ connections })).toEqual([]);
  expect(site.publications).toBe(1);
});

test("a token is rotated where it is owned, in config or in a vault, and no up writes an older one back", async () => {
  const vault = ownVault();
  const vaulted = { ...apac, secretId: `${vault.uri}secrets/console`, vaultId: vault.id };
  const setSecret = (value: string) => vaultClient(vault.uri, azure.cloud.operator).setSecret("console", value);
  await setSecret("first of the vault");
  await up({ connections: [{ ...emea, apiToken: "first of config" }, vaulted] });
  expect(await tokensOfNextRun()).toEqual(["first of config", "first of the vault"]);

  await setSecret("second of the vault");
  const touched = await up({
    connections: [{ ...emea, apiToken: "second of config" }, vaulted],
    tags: { owner: "soc" },
  });
  expect(touched).toContain("update connector-vault-kv");
  expect(touched.filter((step) => /emea|apac/.test(step))).toEqual(["update connector-vault-emea"]);
  expect(await tokensOfNextRun()).toEqual(["second of config", "second of the vault"]);
});

/** What `pulumi up` would do: `<kind> <resource>` for all that is not as it was. */
async function up(settings: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const touched: string[] = [];
  const config = readStackConfig("local", { content: { enabled: "off" }, ...settings }, ["connections"]);
  await deployStack(azure, "local", config, {
    onProgress({ kind, name }) {
      if (kind !== "same") touched.push(`${kind} ${name}`);
    },
  });
  return touched;
}

/** The token that a run which begins now would show each console: read as the deployed app reads it, with its settings and identity. */
async function tokensOfNextRun(): Promise<readonly string[]> {
  const { deployed } = azure.cloud;
  const { clientId, connections } = readSettings(deployed.sites()[0]?.appSettings ?? {});
  const worker = deployed.principal(clientId);
  if (!worker) throw new Error("the app has no identity");
  const means = { clock: systemClock, random: () => 1 };
  const secrets = new KeyVaultSecrets((url) => Promise.resolve(vaultClient(url, worker)), means);
  return Promise.all(connections.map(({ secretId }) => secrets.read(secretId)));
}

const vaultClient = (url: string, principal: Principal) =>
  new SecretClient(url, principalCredential(azure.authority, principal), { agent, retryOptions: { maxRetries: 0 } });

/** A vault that the operator had before. */
function ownVault(): { readonly id: string; readonly uri: string } {
  const { state, subscriptionId } = azure.cloud;
  const group = `/subscriptions/${subscriptionId}/resourceGroups/rg-soc`;
  const id = `${group}/providers/Microsoft.KeyVault/vaults/kv-soc`;
  const uri = "https://kv-soc.vault.azure.net/";
  state.set({ id: group, type: "azure-native:resources:ResourceGroup", inputs: {}, outputs: {} });
  state.set({ id, type: "azure-native:keyvault:Vault", inputs: {}, outputs: { properties: { vaultUri: uri } } });
  return { id, uri };
}
