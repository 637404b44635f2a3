import { TableClient } from "@azure/data-tables";
import type { TokenCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { deployerCredential } from "../../components/deployer-credential.ts";
import { connectResourceManager, type ResourceManagerClient } from "../../components/resource-manager.ts";
import { systemClock } from "../../function-code/clock.ts";
import type { RetryContext } from "../../function-code/retry.ts";
import { KeyVaultSecrets } from "../../function-code/secrets.ts";
import { AzureTable } from "../../function-code/state/azure-table.ts";
import { Checkpoints } from "../../function-code/state/checkpoints.ts";
import { stateTables } from "../../function-code/state/entities.ts";
import { Ledger } from "../../function-code/state/ledger.ts";
import { Windows } from "../../function-code/state/windows.ts";
import type { Deployment } from "./deployment.ts";
import { WorkspaceQueries } from "./workspace-queries.ts";

/** The stack's state, secrets and data, reached through Azure's own APIs with the operator's own identity. */
export interface OperatorAccess {
  readonly checkpoints: Checkpoints;
  readonly ledger: Ledger;
  readonly windows: Windows;
  readonly workspace: WorkspaceQueries;
  readonly arm: ResourceManagerClient;
  readonly secrets: KeyVaultSecrets;
  /** The operator. */
  readonly credential: TokenCredential;
  readonly retries: RetryContext;
}

/** Clients for one stack, as whoever runs the command: `ARM_*`, else the Azure CLI. Nothing is asked yet. */
export function operatorAccess({ stateTableEndpoint, workspaceId, cloud }: Deployment): OperatorAccess {
  const credential = deployerCredential(process.env, cloud);
  // Retries are this project's own, as in the worker.
  const options = { retryOptions: { maxRetries: 0 } };
  const retries: RetryContext = { clock: systemClock, random: Math.random };
  const table = (name: string) => {
    const client = new TableClient(stateTableEndpoint, name, credential, options);
    return new AzureTable(name, () => Promise.resolve(client), retries);
  };
  return {
    checkpoints: new Checkpoints(table(stateTables.checkpoints)),
    ledger: new Ledger(table(stateTables.ledger)),
    windows: new Windows(table(stateTables.windows)),
    workspace: new WorkspaceQueries(workspaceId, cloud, credential, retries),
    arm: connectResourceManager({ credential, ...systemClock }, cloud),
    credential,
    secrets: new KeyVaultSecrets(
      (vaultUrl) => Promise.resolve(new SecretClient(vaultUrl, credential, options)),
      retries,
    ),
    retries,
  };
}
