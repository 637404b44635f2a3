import { readFile } from "node:fs/promises";
import {
  AzureCliCredential,
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from "@azure/identity";
import { type Cloud, cloudFacts } from "./cloud.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Who deploys, from the same variables as Pulumi's azure-native provider and in its order (pulumi-azure-native, auth_azidentity.go):
 * whatever the Azure SDK finds (`ARM_USE_DEFAULT_AZURE_CREDENTIAL`), a client certificate, a client secret, OIDC, a managed identity, else
 * whoever is signed in to the Azure CLI. Not `DefaultAzureCredential` unasked: it knows none of these variables, and would quietly be
 * somebody else in CI.
 */
export function deployerCredential(environment: Environment, cloud: Cloud): TokenCredential {
  const options = { authorityHost: cloudFacts[cloud].authority };
  const need = (name: string, because: string): string => {
    const value = environment[name];
    if (!value) throw new Error(`${because} needs the environment variable ${name}, which is not set.`);
    return value;
  };
  const application = (because: string) =>
    [need("ARM_TENANT_ID", because), need("ARM_CLIENT_ID", because)] as const satisfies readonly string[];
  const isOn = (name: string) => environment[name] === "true";
  const { ARM_TENANT_ID: tenantId, ARM_CLIENT_ID: clientId, ARM_SUBSCRIPTION_ID: subscription } = environment;

  if (isOn("ARM_USE_DEFAULT_AZURE_CREDENTIAL"))
    return new DefaultAzureCredential({ ...options, ...(tenantId && { tenantId }) });
  const { ARM_CLIENT_CERTIFICATE_PATH: certificatePath, ARM_CLIENT_CERTIFICATE_PASSWORD: password } = environment;
  if (certificatePath) {
    const certificate = { certificatePath, ...(password && { certificatePassword: password }) };
    const why = "Signing in by client certificate (ARM_CLIENT_CERTIFICATE_PATH)";
    return new ClientCertificateCredential(...application(why), certificate, options);
  }
  if (environment["ARM_CLIENT_SECRET"]) {
    const why = "Signing in by client secret (ARM_CLIENT_SECRET)";
    return new ClientSecretCredential(...application(why), environment["ARM_CLIENT_SECRET"], options);
  }
  if (isOn("ARM_USE_OIDC")) {
    const why = "Signing in by OIDC (ARM_USE_OIDC)";
    return new ClientAssertionCredential(...application(why), () => oidcToken(environment), options);
  }
  if (isOn("ARM_USE_MSI"))
    return clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
  // The CLI takes one of the two; a subscription lies in one tenant.
  if (subscription) return new AzureCliCredential({ subscription });
  return new AzureCliCredential(tenantId ? { tenantId } : {});
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
  request.searchParams.set("audience", environment["ARM_OIDC_AUDIENCE"] ?? "api://AzureADTokenExchange");
  const response = await fetch(request, { headers: { authorization: `Bearer ${requestToken}` } });
  if (!response.ok) throw new Error(`The CI service refused an OIDC token (${response.status}).`);
  const { value } = (await response.json()) as { value?: string };
  if (!value) throw new Error("The CI service answered without an OIDC token.");
  return value;
}
