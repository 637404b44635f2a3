import * as authorization from "@pulumi/azure-native/authorization/index.js";
import * as keyvault from "@pulumi/azure-native/keyvault/index.js";
import * as managedidentity from "@pulumi/azure-native/managedidentity/index.js";
import * as resources from "@pulumi/azure-native/resources/index.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/** A vault with one secret and a reader: parents, dependencies, secrets, random names, invokes. */
class Safe extends pulumi.ComponentResource {
  readonly vault: keyvault.Vault;
  readonly token: keyvault.Secret;
  readonly reads: authorization.RoleAssignment;
  constructor(
    name: string,
    args: { group: resources.ResourceGroup; token: pulumi.Input<string>; tenantId: pulumi.Input<string> },
  ) {
    super("test:index:Safe", name);
    const parent = { parent: this };
    const suffix = new random.RandomString(`${name}-suffix`, { length: 6, special: false, upper: false }, parent);
    const resourceGroupName = args.group.name;
    this.vault = new keyvault.Vault(
      name,
      {
        resourceGroupName,
        vaultName: pulumi.interpolate`kv-${suffix.result}`,
        properties: { tenantId: args.tenantId, sku: { family: "A", name: "standard" }, enableRbacAuthorization: true },
      },
      parent,
    );
    this.token = new keyvault.Secret(
      `${name}-token`,
      { resourceGroupName, vaultName: this.vault.name, secretName: "token", properties: { value: args.token } },
      { parent: this.vault },
    );
    const reader = new managedidentity.UserAssignedIdentity(`${name}-reader`, { resourceGroupName }, parent);
    this.reads = new authorization.RoleAssignment(
      `${name}-reads`,
      {
        scope: this.vault.id,
        principalId: reader.principalId,
        principalType: "ServicePrincipal",
        roleDefinitionId:
          "/subscriptions/any/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6",
      },
      parent,
    );
    this.registerOutputs({});
  }
}

const config = new pulumi.Config();
const group = new resources.ResourceGroup("group", { resourceGroupName: "rg-test", location: "westeurope" });
const client = authorization.getClientConfigOutput();
const safe = new Safe("safe", { group, token: config.requireSecret("token"), tenantId: client.tenantId });

export const vaultName = safe.vault.name;
export const vaultUri = safe.vault.properties.vaultUri;
export const token = config.requireSecret("token");
