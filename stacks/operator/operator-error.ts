import { ResourceManagerError } from "../../components/resource-manager.ts";
import { CollectionError } from "../../function-code/errors.ts";

/** A mistake or a state of affairs that the operator can mend: shown as it is, without a stack. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}

/** What the operator is told of a failure; undefined where it is a defect of this program. */
export function messageFor(error: unknown): string | undefined {
  if (error instanceof OperatorError || error instanceof ResourceManagerError) return error.message;
  if (!(error instanceof CollectionError)) return undefined;
  const { name } = (error.cause ?? {}) as { readonly name?: string };
  if (name !== "CredentialUnavailableError" && name !== "AuthenticationRequiredError") return error.message;
  return "Azure does not know who you are. Sign in with `az login`, or set the ARM_* variables as for the Pulumi provider azure-native.";
}
