import { Secret } from "@pulumi/azure-native/keyvault/secret.js";
import { Vault as KeyVault } from "@pulumi/azure-native/keyvault/vault.js";
import type { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import type { ConnectorScope } from "./connector-scope.ts";
import { globalName, secretName } from "./naming.ts";
import { connectPrivately } from "./private-endpoint.ts";
import { assignRole } from "./roles.ts";

/** Where a connection's token comes from. */
export type TokenSource =
  /** Stack config owns it: every `up` writes it into the vault. */
  | { readonly kind: "config"; readonly token: pulumi.Output<string> }
  /** A vault owns it: it is never written by the stack. */
  | {
      readonly kind: "vault";
      /** Versionless id, `https://<vault>/secrets/<name>`. */
      readonly secretId: string;
      /** Resource id of that vault; absent: somebody else lets the connector's identity read it. */
      readonly vaultId?: string | undefined;
    };

export interface VaultArgs {
  readonly scope: ConnectorScope;
  /** Who reads the tokens. */
  readonly reader: UserAssignedIdentity;
  readonly connections: readonly { readonly name: string; readonly token: TokenSource }[];
}

/** Keeps the tokens of the connections, and lets the worker's identity read each of them, and nothing else. */
export class Vault extends pulumi.ComponentResource {
  readonly resourceId: pulumi.Output<string>;
  /** Address of the vault, with a slash at its end. */
  readonly uri: pulumi.Output<string>;
  /** Versionless id of each connection's secret, by the connection's name. */
  readonly secretIds: Readonly<Record<string, pulumi.Output<string>>>;
  /** What the worker needs before it can read. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: VaultArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Vault", name, {}, opts);
    const vault = this.createVault(name, args);
    this.resourceId = vault.id;
    this.uri = vault.properties.apply(({ vaultUri }) => withSlash(vaultUri ?? ""));
    const readable = args.connections.map(({ name: connection, token }) =>
      token.kind === "config"
        ? this.storeToken(name, connection, token.token, vault, args)
        : this.openToken(name, connection, token, args),
    );
    this.secretIds = Object.fromEntries(readable.map(({ connection, secretId }) => [connection, secretId]));
    this.ready = [
      ...readable.flatMap(({ grants }) => grants),
      ...connectPrivately(name, { service: "vault", targetId: vault.id, scope: args.scope }, { parent: this }),
    ];
    this.registerOutputs({ uri: this.uri });
  }

  private createVault(name: string, { scope, reader }: VaultArgs): KeyVault {
    return new KeyVault(
      `${name}-kv`,
      {
        ...scope.place,
        vaultName: scope.suffix.apply((suffix) => globalName("vault", scope.stack, suffix)),
        properties: {
          tenantId: reader.tenantId,
          sku: { family: "A", name: "standard" },
          enableRbacAuthorization: true,
          enableSoftDelete: true,
          softDeleteRetentionInDays: 90,
          // Azure knows no "off": it is either on for ever or absent.
          ...(scope.keep.protect ? { enablePurgeProtection: true } : {}),
          ...(scope.network
            ? { publicNetworkAccess: "Disabled", networkAcls: { bypass: "None", defaultAction: "Deny" } }
            : { publicNetworkAccess: "Enabled" }),
        },
        tags: scope.tags,
      },
      { parent: this },
    );
  }

  private storeToken(
    name: string,
    connection: string,
    token: pulumi.Output<string>,
    vault: KeyVault,
    { scope, reader }: VaultArgs,
  ): ReadableToken {
    const secret = new Secret(
      `${name}-${connection}`,
      {
        resourceGroupName: scope.place.resourceGroupName,
        vaultName: vault.name,
        secretName: secretName(connection),
        properties: { value: token, contentType: "API token" },
        tags: scope.tags,
      },
      { parent: this },
    );
    // Without it the worker cannot read this connection's token: its streams stay `waiting-for-azure`.
    const grant = assignRole(
      `${name}-${connection}-reader`,
      { role: "keyVaultSecretsUser", scope: secret.id, principalId: reader.principalId },
      { parent: this },
    );
    // From the vault's address rather than from the secret's properties, which are secret as a whole and would hide every app setting.
    return { connection, secretId: pulumi.interpolate`${this.uri}secrets/${secret.name}`, grants: [grant] };
  }

  private openToken(
    name: string,
    connection: string,
    { secretId, vaultId }: Extract<TokenSource, { kind: "vault" }>,
    { reader }: VaultArgs,
  ): ReadableToken {
    const readable = { connection, secretId: pulumi.output(secretId), grants: [] };
    if (vaultId === undefined) return readable;
    const scope = `${vaultId}/secrets/${new URL(secretId).pathname.split("/")[2] ?? ""}`;
    // Without it the worker cannot read this connection's token, as above; the vault is the operator's own.
    const grant = assignRole(
      `${name}-${connection}-reader`,
      { role: "keyVaultSecretsUser", scope, principalId: reader.principalId },
      { parent: this },
    );
    return { ...readable, grants: [grant] };
  }
}

interface ReadableToken {
  readonly connection: string;
  readonly secretId: pulumi.Output<string>;
  readonly grants: readonly pulumi.Resource[];
}

const withSlash = (url: string) => (url.endsWith("/") ? url : `${url}/`);
