import { join } from "node:path";
import type { Front } from "./front.ts";

export interface ChildEnvironmentOptions {
  readonly front: Pick<Front, "port">;
  /** PEM file with the certificate of the local Azure's authority. */
  readonly caFile: string;
  /** The managed identity endpoint and the secret that its callers send; without it the child has no identity. */
  readonly identity?: { readonly endpoint: string; readonly header: string };
  /** Hosts outside (`host` or `host:port`) that the child may reach, such as a real console. @default none */
  readonly allowedHosts?: readonly string[];
}

/** Arguments for `node` that put the redirect in force before anything else is loaded. */
export const redirectArguments: readonly string[] = ["--require", join(import.meta.dirname, "redirect.cjs")];

/**
 * The whole environment of a child process that knows the local Azure as Azure. Nothing is inherited but what any process needs: another
 * variable of the developer's shell (a proxy, a federated token, `AZURE_CLIENT_ID`) would send the SDKs elsewhere.
 */
export function childEnvironment(options: ChildEnvironmentOptions): Record<string, string> {
  const { front, caFile, identity, allowedHosts = [] } = options;
  return {
    ...inheritedEnvironment(),
    NODE_EXTRA_CA_CERTS: caFile,
    LOCAL_AZURE_PORT: String(front.port),
    ...(allowedHosts.length > 0 && { LOCAL_AZURE_ALLOWED_HOSTS: allowedHosts.join(",") }),
    ...(identity && { IDENTITY_ENDPOINT: identity.endpoint, IDENTITY_HEADER: identity.header }),
  };
}

/** What any process needs. */
function inheritedEnvironment(): Record<string, string> {
  const { PATH, HOME } = process.env;
  return { ...(PATH !== undefined && { PATH }), ...(HOME !== undefined && { HOME }), TZ: "UTC" };
}

/** What a process of this program itself needs, which keeps its compiled code for the next one; an app of the local Azure does not. */
export function ownEnvironment(): Record<string, string> {
  const { NODE_COMPILE_CACHE } = process.env;
  return { ...inheritedEnvironment(), ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }) };
}
