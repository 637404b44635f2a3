import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalCloud } from "./cloud.ts";
import { type AzureEnvironment, azureEnvironments } from "./environments.ts";
import { DynamicProcesses } from "./evaluator/dynamic-provider.ts";
import { type Evaluation, type EvaluationWatch, evaluate } from "./evaluator/evaluate.ts";
import type { Program } from "./evaluator/run-program.ts";
import type { FunctionsHost } from "./functions/host.ts";
import { entraPlane } from "./identity/entra-plane.ts";
import type { ManagedIdentityEndpoint } from "./identity/managed-identity.ts";
import { TokenAuthority } from "./identity/tokens.ts";
import { createIngestionPlane } from "./ingestion/ingestion-plane.ts";
import { CertificateAuthority, certificateFile } from "./network/ca.ts";
import { childEnvironment, ownEnvironment, redirectArguments } from "./network/child-environment.ts";
import { type Fault, type Front, startFront } from "./network/front.ts";
import { Lulls } from "./network/lulls.ts";
import { createDeployed } from "./resource-manager/deployed.ts";
import { resourceManagerPlane } from "./resource-manager/resource-manager-plane.ts";
import { createResourceState, type KeptState } from "./resource-manager/state.ts";
import { startAppService } from "./scm/app-service.ts";
import { startStorage } from "./storage/storage.ts";
import { vaultPlane } from "./vault/vault-plane.ts";
import { createWorkspacePlane } from "./workspace/bind-query.ts";
import { createQueryPlane } from "./workspace/query-plane.ts";
import { WorkspaceStore } from "./workspace/store.ts";

export interface LocalAzureOptions {
  /** Folder that keeps everything; absent: all in memory, gone at the end. */
  readonly dataDir?: string;
  /** Which of Microsoft's clouds it stands in for; a folder that holds another one is refused. @default the folder's, else `public` */
  readonly environment?: AzureEnvironment["name"];
  /** Folder of the certificate authority. @default `ca` in the data folder */
  readonly caFolder?: string;
  /** Hosts outside the local Azure that the apps may reach, `host` or `host:port`. @default none */
  readonly allowedHosts?: readonly string[];
  /** Whether timers of function apps fire on their schedule, or only through `functions.runTimer`. @default "scheduled" */
  readonly timers?: "scheduled" | "manual";
  /** What a test has happen to requests. */
  readonly fault?: Fault;
  /** Told what went wrong inside the local Azure itself. */
  readonly onError?: (message: string, error: unknown) => void;
}

/** A whole Azure on this machine: a tenant, a subscription, and the services that the connector uses. */
export interface LocalAzure extends AsyncDisposable {
  readonly cloud: LocalCloud & { readonly state: KeptState };
  readonly authority: TokenAuthority;
  readonly front: Front;
  readonly store: WorkspaceStore;
  /** Function apps; they are held until the first `functions.release()`. */
  readonly functions: FunctionsHost;
  /** Environment of a child process that acts as the operator. */
  readonly operatorEnvironment: Readonly<Record<string, string>>;
  /** Brings this Azure to what a Pulumi program registers, as `pulumi up` would. */
  evaluate(program: Program, watch?: EvaluationWatch): Promise<Evaluation>;
  close(): Promise<void>;
}

/** Starts all services; apps that ran before are loaded, and held. Rejects where another process holds the folder, or it is of another cloud (`OtherCloud`). */
export async function startLocalAzure(options: LocalAzureOptions = {}): Promise<LocalAzure> {
  await using started = new AsyncDisposableStack();
  const { dataDir } = options;
  const folder = dataDir ?? scratchFolder(started);

  const { caFolder = join(folder, "ca") } = options;
  const ca = await CertificateAuthority.open(caFolder);
  const caFile = certificateFile(caFolder);
  const storage = started.adopt(await startStorage(dataDir === undefined ? {} : { dataDir }), (it) => it.close());
  const store = started.use(await WorkspaceStore.open(dataDir));
  const lulls = new Lulls();
  const cloud = createCloud(
    openState(options),
    storage.resources,
    createWorkspacePlane(store, () => lulls.next()),
  );
  const { authority } = cloud;
  const front = started.use(await startFront({ ca, lulls, ...faultsAndErrors(options) }));
  front.mount(
    entraPlane(cloud, authority),
    vaultPlane(cloud, authority),
    storage.plane(cloud, authority),
    createIngestionPlane(cloud, authority, store),
    createQueryPlane(cloud, authority, store),
  );
  const apps = started.use(
    await startAppService(cloud, {
      authority,
      front,
      caFile,
      folder: join(folder, "sites"),
      allowedHosts: options.allowedHosts ?? [],
      timers: options.timers ?? "scheduled",
      held: true,
    }),
  );
  // Behind App Service, which answers for a part of the same host.
  front.mount(resourceManagerPlane(cloud, authority));
  await apps.restore().catch((error: unknown) => options.onError?.("A function app did not start again", error));

  const operatorEnvironment = operatorsEnvironment(cloud, apps.identity, front, caFile);
  const dynamic = started.use(new DynamicProcesses(operatorEnvironment));
  const resources = started.move();
  const close = () => resources.disposeAsync();
  return {
    cloud,
    authority,
    front,
    store,
    functions: apps.host,
    operatorEnvironment,
    evaluate: (program, watch) => evaluate(cloud, program, { dynamic, ...watch }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Certificates and unpacked packages are files in any case: child processes read them. */
function scratchFolder(started: AsyncDisposableStack): string {
  const folder = mkdtempSync(join(tmpdir(), "local-azure-"));
  started.defer(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The data folder is of another cloud than the one that was asked for. */
export class OtherCloud extends Error {
  override readonly name = "OtherCloud";
}

/** What a folder holds was deployed under the names of one cloud, and is found under no others. */
function openState({ dataDir, environment }: LocalAzureOptions): KeptState {
  const state = createResourceState(dataDir, environment);
  const kept = state.directory.environment;
  if (environment === undefined || environment === kept) return state;
  throw new OtherCloud(
    `The folder ${dataDir} holds a local Azure of the cloud ${kept}, not ${environment}: choose another folder, or delete it to start anew.`,
  );
}

function createCloud(state: KeptState, storage: LocalCloud["storage"], workspaces: LocalCloud["workspaces"]) {
  const deployed = createDeployed(state, state.directory.operator);
  const environment = azureEnvironments[state.directory.environment];
  const authority = new TokenAuthority(state.directory.tenantId, randomBytes(32), environment);
  return { ...state.directory, environment, authority, state, deployed, storage, workspaces };
}

const faultsAndErrors = ({ fault, onError }: LocalAzureOptions) => ({
  ...(fault && { fault }),
  ...(onError && { onError }),
});

/** What the deployer's own tools read: the credential of `ARM_*`, answered by the local identity endpoint. */
function operatorsEnvironment(cloud: LocalCloud, identity: ManagedIdentityEndpoint, front: Front, caFile: string) {
  return {
    ...ownEnvironment(),
    ...childEnvironment({ front, caFile, identity: { endpoint: identity.endpoint, header: identity.operatorHeader } }),
    // Quoted as NODE_OPTIONS wants it, for folders with spaces.
    NODE_OPTIONS: redirectArguments.map((argument) => JSON.stringify(argument)).join(" "),
    ARM_USE_MSI: "true",
    ARM_CLIENT_ID: cloud.operator.clientId,
    ARM_TENANT_ID: cloud.tenantId,
    ARM_SUBSCRIPTION_ID: cloud.subscriptionId,
  };
}
