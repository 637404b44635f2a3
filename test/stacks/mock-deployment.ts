import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as runtimeState from "@pulumi/pulumi/runtime/state.js";
import { parse } from "yaml";
import { type ResourceManager, withResourceManager } from "../../components/resource-manager.ts";

/** A resource as the program registered it. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  /** As sent: secrets in Pulumi's envelope. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Type and name of the parent; undefined for the stack itself. */
  readonly parent: string | undefined;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly dependencies: readonly string[];
  /** Names of the resources whose replacement replaces this one too. */
  readonly replaceWith: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** Types under which the engine looks for it in an older state. */
  readonly otherTypes: readonly string[];
}

export interface MockDeployment {
  readonly resources: readonly Registration[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The one resource of this name; throws if there is none. */
  get(name: string): Registration;
}

const project = "sentinelone-valence-connector";
const root = join(import.meta.dirname, "..", "..");

/** What a stack's own file says, with a token for each connection that is to get one from `pulumi config set --secret`. */
export function stackFileConfig(stack: string, token: string): Record<string, unknown> {
  const file = parse(readFileSync(join(root, "stacks", `Pulumi.${stack}.yaml`), "utf8")) as {
    config: Record<string, unknown>;
  };
  const config = Object.fromEntries(
    Object.entries(file.config).map(([key, value]) => [key.replace(`${project}:`, ""), value]),
  );
  const connections = (config["connections"] ?? []) as Record<string, unknown>[];
  return {
    ...config,
    connections: connections.map((connection) =>
      connection["secretId"] ? connection : { ...connection, apiToken: token },
    ),
  };
}

const { LocalStore } = runtimeState as unknown as { LocalStore: new () => object };
const { asyncLocalStorage } = globalThis as unknown as {
  asyncLocalStorage: { run<T>(store: object, body: () => Promise<T>): Promise<T> };
};

export interface MockOptions {
  readonly onRegister?: (name: string) => void;
  /** As `pulumi preview` on an empty subscription: what Azure computes is unknown. */
  readonly preview?: boolean;
  /** What the preflight sees. @default nothing but the workspace that the settings name */
  readonly azure?: ResourceManager;
}

let evaluations = 0;

/** Runs `stacks/index.ts` against a monitor that creates nothing: outputs are invented where azure-native would compute them. */
export function deployMock(
  stack: string,
  config: Readonly<Record<string, unknown>>,
  { onRegister, preview = false, azure = mockAzure(config) }: MockOptions = {},
): Promise<MockDeployment> {
  const evaluation = async (): Promise<MockDeployment> => {
    const resources: Registration[] = [];
    await pulumi.runtime.setMocks(
      { newResource: preview ? announce : answer, call: () => ({ subscriptionId }) },
      project,
      stack,
      preview,
      "organization",
    );
    pulumi.runtime.setAllConfig(
      Object.fromEntries(
        Object.entries(config).map(([key, value]) => [
          key.includes(":") ? key : `${project}:${key}`,
          typeof value === "string" ? value : JSON.stringify(value),
        ]),
      ),
      [`${project}:connections`],
    );
    watchRegistrations((registration) => {
      resources.push(registration);
      onRegister?.(registration.name);
    });
    evaluations++;
    let failure: unknown;
    // An error that leaves the program becomes a hundred rejections that nobody handles: it is caught inside and thrown outside.
    const outputs: unknown = await pulumi.runtime.runInPulumiStack(async () => {
      try {
        // The local Azure's evaluator counts in the same process: under its addresses nothing would be registered again.
        return (await import(`../../stacks/index.ts?mocked=${evaluations}`)) as object;
      } catch (error) {
        failure = error;
        return {};
      }
    });
    await pulumi.runtime.disconnect();
    if (failure) throw failure as Error;
    return {
      resources,
      outputs: outputs as MockDeployment["outputs"],
      get(name) {
        const [found, twin] = resources.filter((resource) => resource.name === name && resource.custom);
        if (!found || twin) throw new Error(`There is not one resource "${name}".`);
        return found;
      },
    };
  };
  return withResourceManager(azure, () => asyncLocalStorage.run(new LocalStore(), evaluation));
}

const subscriptionId = "11111111-1111-1111-1111-111111111111";

/** A subscription in which nothing is but the workspace that the settings name, with Sentinel on it. */
function mockAzure({ workspaceId }: Readonly<Record<string, unknown>>): ResourceManager {
  const exists = (id: string) => typeof workspaceId === "string" && workspaceId !== "" && id.startsWith(workspaceId);
  return {
    get: (id) =>
      Promise.resolve(exists(id) && !id.includes("/tables/") ? { id, name: id.split("/").at(-1) ?? "" } : undefined),
    list: () => Promise.resolve([]),
  };
}

const nameIn = (urn: string) => urn.split("::").at(-1) ?? "";

/** The mocks hide parents and options: they are read where the SDK sends them. */
function watchRegistrations(note: (registration: Registration) => void): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: Request, ...rest: unknown[]): unknown;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, ...rest) => {
    note({
      type: request.getType(),
      name: request.getName(),
      custom: request.getCustom(),
      inputs: (request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
      parent: request.getParent().split("::").slice(2).join("::") || undefined,
      protect: request.getProtect(),
      retainOnDelete: request.getRetainondelete(),
      dependencies: request.getDependenciesList().map(nameIn),
      replaceWith: request.getReplaceWithList().map(nameIn),
      replaceOnChanges: request.getReplaceonchangesList(),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      otherTypes: request.getAliasesList().flatMap((alias) => alias.getSpec()?.getType() || []),
    });
    return register(request, ...rest);
  };
}

interface Request {
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getObject(): { toJavaScript(): unknown } | undefined;
  getParent(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDependenciesList(): readonly string[];
  getReplaceWithList(): readonly string[];
  getReplaceonchangesList(): readonly string[];
  getDeletebeforereplace(): boolean;
  getAliasesList(): readonly { getSpec(): { getType(): string } | undefined }[];
}

/** A preview knows nothing of what Azure will answer, not even ids. */
const announce = ({ inputs }: pulumi.runtime.MockResourceArgs) => ({ id: undefined, state: inputs });

/** Outputs as azure-native computes them, as far as the program reads them. */
function answer({ type, name, inputs, id, custom }: pulumi.runtime.MockResourceArgs): {
  id: string;
  state: Record<string, unknown>;
} {
  if (!custom) return { id: "", state: inputs };
  const given = inputs as Record<string, string>;
  const resourceId =
    id || `/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/mock/${name}`;
  const computed: Record<string, () => Record<string, unknown>> = {
    "azure-native:operationalinsights:Workspace": () => ({
      name: given["workspaceName"] ?? resourceId.split("/").at(-1),
      location: given["location"] ?? "North Europe",
      customerId: "33333333-3333-3333-3333-333333333333",
    }),
    "azure-native:resources:ResourceGroup": () => ({ name: given["resourceGroupName"] }),
    "azure-native:keyvault:Vault": () => ({
      name: given["vaultName"],
      properties: { ...(inputs.properties as object), vaultUri: `https://${given["vaultName"]}.vault.azure.net/` },
    }),
    "azure-native:keyvault:Secret": () => ({ name: given["secretName"] }),
    "azure-native:storage:StorageAccount": () => ({
      name: given["accountName"],
      primaryEndpoints: Object.fromEntries(
        ["blob", "queue", "table"].map((service) => [
          service,
          `https://${given["accountName"]}.${service}.core.windows.net/`,
        ]),
      ),
    }),
    "azure-native:network:PrivateEndpoint": () => ({ name: given["privateEndpointName"] }),
    "azure-native:network:PublicIPAddress": () => ({ ipAddress: "203.0.113.1" }),
    "azure-native:resources:Resource": () => ({ name: given["resourceName"] }),
    "azure-native:storage:BlobContainer": () => ({ name: given["containerName"] }),
    "azure-native:managedidentity:UserAssignedIdentity": () => ({
      clientId: "44444444-4444-4444-4444-444444444444",
      principalId: "55555555-5555-5555-5555-555555555555",
      tenantId: "66666666-6666-6666-6666-666666666666",
    }),
    "azure-native:monitor:DataCollectionEndpoint": () => ({
      logsIngestion: { endpoint: "https://dce-mock.westeurope-1.ingest.monitor.azure.com" },
    }),
    "azure-native:monitor:DataCollectionRule": () => ({ immutableId: `dcr-of-${name}` }),
    "azure-native:applicationinsights:Component": () => ({ connectionString: "InstrumentationKey=mock" }),
    "azure-native:web:WebApp": () => ({
      hostNameSslStates: [
        { name: `${given["name"]}.azurewebsites.net`, hostType: "Standard" },
        { name: `${given["name"]}.scm.azurewebsites.net`, hostType: "Repository" },
      ],
    }),
    "random:index/randomString:RandomString": () => ({ result: "a1b2c3" }),
  };
  return {
    id:
      type === "azure-native:operationalinsights:Workspace" && !id
        ? `/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/${given["resourceGroupName"]}/providers/Microsoft.OperationalInsights/workspaces/${given["workspaceName"]}`
        : resourceId,
    state: { ...inputs, ...computed[type]?.() },
  };
}
