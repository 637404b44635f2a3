import type { SecretClient } from "@azure/keyvault-secrets";
import { azureError } from "./azure-errors.ts";
import type { Clock } from "./clock.ts";
import { CollectionError } from "./errors.ts";
import { type RetryContext, withRetries } from "./retry.ts";

/** How long a token is used before the vault is asked again, in milliseconds: a rotated secret is taken up within this time. */
const keepFor = 300_000;
const vaultTimeout = 30_000;

export interface Secrets {
  /** The secret's current value. `fresh` asks the vault even if the value is known. Throws `CollectionError`. */
  read(secretId: string, fresh?: boolean): Promise<string>;
}

export type VaultClient = Pick<SecretClient, "getSecret">;

/** Key Vault, read with the worker's identity. Values stay in memory and nowhere else. */
export class KeyVaultSecrets implements Secrets {
  readonly #clientOf: (vaultUrl: string) => Promise<VaultClient>;
  readonly #retries: RetryContext;
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly value: string; readonly readAt: number }>();

  constructor(clientOf: (vaultUrl: string) => Promise<VaultClient>, retries: RetryContext) {
    this.#clientOf = clientOf;
    this.#retries = retries;
    this.#clock = retries.clock;
  }

  async read(secretId: string, fresh = false): Promise<string> {
    const known = this.#known.get(secretId);
    if (known && !fresh && this.#clock.now() - known.readAt < keepFor) return known.value;
    const value = await this.#ask(secretId);
    this.#known.set(secretId, { value, readAt: this.#clock.now() });
    return value;
  }

  async #ask(secretId: string): Promise<string> {
    const url = new URL(secretId);
    const name = url.pathname.split("/")[2] ?? "";
    const vault = url.hostname;
    const secret = await withRetries(this.#retries, async () => {
      const client = await this.#clientOf(url.origin);
      try {
        return await client.getSecret(name, { abortSignal: AbortSignal.timeout(vaultTimeout) });
      } catch (error) {
        if ((error as { statusCode?: number }).statusCode === 404) throw missing(name, vault, "does not exist");
        if ((error as { code?: string }).code === "Forbidden" && isDisabled(error))
          throw missing(name, vault, "is disabled");
        throw azureError(error, `Key Vault ${vault}`, "Key Vault Secrets User", this.#clock.now());
      }
    });
    // A newline at the end comes from `echo` piped into the vault; no vendor's token holds white space.
    const value = secret.value?.trim();
    if (!value) throw missing(name, vault, "is empty");
    return value;
  }
}

const isDisabled = (error: unknown) => /disabled/i.test((error as Error).message);

function missing(name: string, vault: string, state: string): CollectionError {
  const text = `The secret "${name}" in Key Vault ${vault} ${state}. Store the vendor's token there; the next run takes it up.`;
  return new CollectionError("failing", "secret", text);
}
