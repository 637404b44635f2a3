import {
  AzureCliCredential,
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  ManagedIdentityCredential,
} from "@azure/identity";
import { expect, test } from "vitest";
import { deployerCredential } from "../../components/deployer-credential.ts";

const who = {
  ARM_TENANT_ID: "11111111-1111-1111-1111-111111111111",
  ARM_CLIENT_ID: "22222222-2222-2222-2222-222222222222",
};

test.each([
  ["CI signs in by OIDC", { ...who, ARM_USE_OIDC: "true", ARM_OIDC_TOKEN: "t" }, ClientAssertionCredential],
  [
    "a secret comes before OIDC, as for the provider",
    { ...who, ARM_USE_OIDC: "true", ARM_CLIENT_SECRET: "s" },
    ClientSecretCredential,
  ],
  [
    "a certificate comes before a secret",
    { ...who, ARM_CLIENT_CERTIFICATE_PATH: "/sp.pem", ARM_CLIENT_SECRET: "s" },
    ClientCertificateCredential,
  ],
  [
    "what the Azure SDK finds comes first, where that is asked for",
    { ...who, ARM_USE_DEFAULT_AZURE_CREDENTIAL: "true", ARM_CLIENT_SECRET: "s" },
    DefaultAzureCredential,
  ],
  [
    "OIDC comes before the identity of the machine that CI runs on",
    { ...who, ARM_USE_OIDC: "true", ARM_OIDC_TOKEN: "t", ARM_USE_MSI: "true" },
    ClientAssertionCredential,
  ],
  ["a service principal has a secret", { ...who, ARM_CLIENT_SECRET: "s" }, ClientSecretCredential],
  [
    "a machine in Azure has an identity",
    { ARM_USE_MSI: "true", ARM_CLIENT_ID: who.ARM_CLIENT_ID },
    ManagedIdentityCredential,
  ],
  ["a machine in Azure has one identity only", { ARM_USE_MSI: "true" }, ManagedIdentityCredential],
  ["a person is signed in to the Azure CLI", {}, AzureCliCredential],
  ["OIDC that is switched off is not used", { ...who, ARM_USE_OIDC: "false" }, AzureCliCredential],
])("%s", (_, environment: Record<string, string>, expected) => {
  expect(deployerCredential(environment, "public")).toBeInstanceOf(expected);
});

test.each([
  [{ ARM_USE_OIDC: "true", ARM_CLIENT_ID: "c" }, /OIDC.*ARM_TENANT_ID/],
  [{ ARM_USE_OIDC: "true", ARM_TENANT_ID: "t" }, /OIDC.*ARM_CLIENT_ID/],
  [{ ARM_CLIENT_SECRET: "canary", ARM_TENANT_ID: "t" }, /client secret.*ARM_CLIENT_ID/],
])("what is missing is named: %o", (environment: Record<string, string>, message) => {
  expect(() => deployerCredential(environment, "public")).toThrow(message);
  expect(() => deployerCredential(environment, "public")).not.toThrow(/canary/);
});
