import { readFile } from "node:fs/promises";
import {
  AzureCliCredential,
  ClientAssertionCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from "@azure/identity";
import { type Cloud, cloudFacts } from "./cloud.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Who deploys, from the same variables that Pulumi's azure-native provider reads: OIDC (`ARM_USE_OIDC`), a client secret
 * (`ARM_CLIENT_SECRET`), a managed identity (`ARM_USE_MSI`), else whoever is signed in to the Azure CLI.
 * Not `DefaultAzureCredential`: it knows none of these variables, and would quietly be somebody else in CI.
 */
export function deployerCredential(environment: Environment, cloud: Cloud): TokenCredential {
  const options = { authorityHost: cloudFacts[cloud].authority };
  const need = (name: string, because: string): string => {
    const value = environment[name];
    if (!value) throw new Error(`${because} needs the environment variable ${name}, which is not set.`);
    return value;
  };
  const isOn = (name: string) => /^(true|1)$/i.test(environment[name] ?? "");

  if (isOn("ARM_USE_OIDC")) {
    const why = "Signing in by OIDC (ARM_USE_OIDC)";
    return new ClientAssertionCredential(
      need("ARM_TENANT_ID", why),
      need("ARM_CLIENT_ID", why),
      () => oidcToken(environment),
      options,
    );
  }
  if (environment["ARM_CLIENT_SECRET"]) {
    const why = "Signing in by client secret (ARM_CLIENT_SECRET)";
    return new ClientSecretCredential(
      need("ARM_TENANT_ID", why),
      need("ARM_CLIENT_ID", why),
      environment["ARM_CLIENT_SECRET"],
      options,
    );
  }
  if (isOn("ARM_USE_MSI")) {
    const clientId = environment["ARM_CLIENT_ID"];
    return clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
  }
  return new AzureCliCredential();
}

/** The token that stands for the CI job: given, in a file, or asked of the CI service. */
export async function oidcToken(environment: Environment): Promise<string> {
  const token = environment["ARM_OIDC_TOKEN"];
  if (token) return token;
  const file = environment["ARM_OIDC_TOKEN_FILE_PATH"];
  if (file) return (await readFile(file, "utf8")).trim();
  const url = environment["ARM_OIDC_REQUEST_URL"] ?? environment["ACTIONS_ID_TOKEN_REQUEST_URL"];
  const requestToken = environment["ARM_OIDC_REQUEST_TOKEN"] ?? environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
  if (!url || !requestToken) {
    throw new Error(
      "ARM_USE_OIDC is set, and no OIDC token is at hand. Set ARM_OIDC_TOKEN or ARM_OIDC_TOKEN_FILE_PATH; " +
        "in GitHub Actions give the job `permissions: id-token: write`.",
    );
  }
  const request = new URL(url);
  request.searchParams.set("audience", "api://AzureADTokenExchange");
  const response = await fetch(request, { headers: { authorization: `Bearer ${requestToken}` } });
  if (!response.ok) throw new Error(`The CI service refused an OIDC token (${response.status}).`);
  const { value } = (await response.json()) as { value?: string };
  if (!value) throw new Error("The CI service answered without an OIDC token.");
  return value;
}
