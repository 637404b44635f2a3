import { join } from "node:path";

/** Variables that would have tools sign in as somebody else, or send them through a proxy, out of the local Azure. */
const foreign = [
  ["ARM_CLIENT_SECRET", "ARM_USE_OIDC", "ARM_OIDC_TOKEN", "ARM_OIDC_TOKEN_FILE_PATH", "ARM_ENVIRONMENT"],
  ["AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"],
  ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"],
].flat();

/** Of the shell that reads the block. */
const inherited = new Set(["PATH", "HOME", "TZ"]);

export interface BlockOptions {
  /** Environment of the local Azure's operator. */
  readonly environment: Readonly<Record<string, string>>;
  /** Value of `PULUMI_DEBUG_PROVIDERS`. */
  readonly debugProviders: string;
  /** Folder for the state of stacks. */
  readonly backend: string;
}

/** Passphrase of the secrets in `stacks/Pulumi.local.yaml`: they are the simulators' tokens, and secret to nobody. */
const passphrase = "local";

/** What `pulumi` and the processes that it starts read. */
export function pulumiEnvironment({ environment, debugProviders, backend }: BlockOptions): Record<string, string> {
  return {
    PULUMI_DEBUG_PROVIDERS: debugProviders,
    // The plugins are here already, and the ones on the internet are for another Azure.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !inherited.has(name))),
  };
}

/** Lines for a POSIX shell, after which `pulumi` deploys into the local Azure, as its operator. */
export function environmentBlock(options: BlockOptions): string {
  const nodeFolder = join(import.meta.dirname, "..", "..", "..", "node_modules", "node", "bin");
  return [
    "# This shell is now the local Azure's operator; nothing that it starts with Node.js reaches the internet.",
    `unset ${foreign.join(" ")}`,
    `export PATH=${quoted(nodeFolder)}:"$PATH"`,
    ...Object.entries(pulumiEnvironment(options)).map(([name, value]) => `export ${name}=${quoted(value)}`),
  ].join("\n");
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
