import { TableClient } from "@azure/data-tables";
import { SecretClient } from "@azure/keyvault-secrets";
import { deployerCredential } from "../../components/deployer-credential.ts";
import { systemClock } from "../../function-code/clock.ts";
import type { RetryContext } from "../../function-code/retry.ts";
import { KeyVaultSecrets } from "../../function-code/secrets.ts";
import { AzureTable } from "../../function-code/state/azure-table.ts";
import { Checkpoints } from "../../function-code/state/checkpoints.ts";
import { stateTables } from "../../function-code/state/entities.ts";
import type { Deployment } from "./deployment.ts";

/** The stack's state and secrets, reached through Azure's own APIs with the operator's own identity. */
export interface OperatorAccess {
  readonly checkpoints: Checkpoints;
  readonly secrets: KeyVaultSecrets;
  readonly retries: RetryContext;
}

export function operatorAccess({ stateTableEndpoint }: Deployment): OperatorAccess {
  const credential = deployerCredential(process.env);
  // Retries are this project's own, as in the worker.
  const options = { retryOptions: { maxRetries: 0 } };
  const retries: RetryContext = { clock: systemClock, random: Math.random };
  const table = new TableClient(stateTableEndpoint, stateTables.checkpoints, credential, options);
  return {
    checkpoints: new Checkpoints(new AzureTable(stateTables.checkpoints, () => Promise.resolve(table), retries)),
    secrets: new KeyVaultSecrets(
      (vaultUrl) => Promise.resolve(new SecretClient(vaultUrl, credential, options)),
      retries,
    ),
    retries,
  };
}
