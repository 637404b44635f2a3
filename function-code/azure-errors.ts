import { CollectionError } from "./errors.ts";
import { parseRetryAfter, Transient } from "./retry.ts";

/** What the Azure SDKs throw, as far as it is needed. */
interface AzureFailure {
  readonly name?: string;
  readonly statusCode?: number;
  readonly code?: string;
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

/**
 * What a failed call to Azure means. Refusals are not blamed on anybody: in the first half hour of a deployment roles are still
 * spreading, so the stream waits and nothing is lost.
 *
 * @param service who was called, in the operator's words, e.g. `Key Vault kv-example`
 * @param role what the identity needs there
 */
export function azureError(error: unknown, service: string, role: string, now: number): CollectionError | Transient {
  const failure = error as AzureFailure;
  const status = failure.statusCode;
  if (failure.name === "CredentialUnavailableError" || failure.name === "AuthenticationRequiredError") {
    const text = `The worker gets no token for ${service}: its managed identity does not answer. If it was deployed in the last half hour, wait; else check that the identity is still assigned to the Function App.`;
    return new CollectionError("waiting-for-azure", "azure", text, { cause: error });
  }
  if (status === 401 || status === 403) {
    const text = `${service} refuses this identity (${status}). It needs the role "${role}"; Azure takes up to half an hour to apply a new one.`;
    return new CollectionError("waiting-for-azure", "azure", text, { cause: error });
  }
  const passing = status === undefined || status === 408 || status === 429 || status >= 500;
  const word = status === undefined ? (failure.code ?? failure.name ?? "no answer") : String(status);
  const text = `${service} does not answer as it should (${word}).`;
  const final = new CollectionError("failing", "azure", `${text} Nothing was lost; the next run tries again.`, {
    cause: error,
  });
  return passing ? new Transient(final, parseRetryAfter(failure.response?.headers?.get("retry-after"), now)) : final;
}
