import { createHash } from "node:crypto";

/**
 * Every kind of Azure resource that the connector names: the Cloud Adoption Framework's abbreviation, and the length and
 * alphabet that Azure allows. A name that must be unique in the world ends in the stack's random suffix.
 */
const kinds = {
  resourceGroup: { prefix: "rg", max: 90 },
  workspace: { prefix: "log", max: 63 },
  identity: { prefix: "id", max: 128 },
  insights: { prefix: "appi", max: 260 },
  plan: { prefix: "asp", max: 60 },
  dataCollectionEndpoint: { prefix: "dce", max: 44 },
  dataCollectionRule: { prefix: "dcr", max: 64 },
  actionGroup: { prefix: "ag", max: 260 },
  alert: { prefix: "alert", max: 260 },
  privateEndpoint: { prefix: "pep", max: 64 },
  monitorScopeMember: { prefix: "ampls", max: 255 },
  publicAddress: { prefix: "pip", max: 80 },
  natGateway: { prefix: "ng", max: 80 },
  functionApp: { prefix: "func", max: 60 },
  vault: { prefix: "kv", max: 24 },
  storageAccount: { prefix: "st", max: 24, lettersAndDigits: true },
} as const satisfies Record<string, { prefix: string; max: number; lettersAndDigits?: true }>;

export type AzureKind = keyof typeof kinds;

/** Kinds whose names share one namespace with all other customers of the cloud. */
export type GlobalKind = "functionApp" | "vault" | "storageAccount";

/** Length of the random suffix of global names. */
export const suffixLength = 6;

const workload = "s1v";

/**
 * Azure name of one of the stack's resources, e.g. `dcr-s1v-prod-sentinelone-events`.
 * @param role what tells it from its like within the stack
 */
export function azureName(kind: Exclude<AzureKind, GlobalKind>, stack: string, role?: string): string {
  return compose(kind, stack, role);
}

/** Azure name of a resource whose name is global, e.g. `kv-s1v-prod-x7k2qa`. */
export function globalName(kind: GlobalKind, stack: string, suffix: string): string {
  return compose(kind, stack, suffix);
}

/** Secret that holds a connection's token: letters, digits and hyphens, as Key Vault demands. */
export function secretName(connection: string): string {
  return `connection-${connection}`;
}

/** A GUID that is always the same for the same parts (RFC 9562 version 5), so that a redeployment never makes a twin. */
export function deterministicGuid(...parts: readonly string[]): string {
  const hash = createHash("sha1").update(namespace).update(parts.join("|").toLowerCase()).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Invented once for this project; another value would rename everything that is named by GUID. */
const namespace = Buffer.from("5f0c3b7ee2a14b6c9d13a4c8f2b6e071", "hex");

function compose(kind: AzureKind, stack: string, tail: string | undefined): string {
  const { prefix, max, ...form } = kinds[kind];
  const separator = "lettersAndDigits" in form ? "" : "-";
  const rest = tail === undefined ? "" : separator + tail;
  const head = prefix + separator + workload + separator;
  const name = head + slug(stack, max - head.length - rest.length, separator) + rest;
  if (name.length > max) throw new Error(`The name "${name}" is longer than the ${max} characters of a ${kind}.`);
  return name;
}

/**
 * The stack's name in Azure's alphabet. Where letters are lost, four digits of its hash keep two stacks apart that would
 * otherwise read alike (`prod.eu` and `prod-eu`, or two long names with one beginning).
 */
function slug(stack: string, max: number, separator: string): string {
  const plain = stack
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, separator)
    .replace(/^-|-$/g, "");
  if (plain === stack && plain.length <= max) return plain;
  const hash = createHash("sha256").update(stack).digest("hex").slice(0, 4);
  const kept = plain.slice(0, max - hash.length - separator.length).replace(/-$/, "");
  return kept === "" ? hash : kept + separator + hash;
}
