import type { LocalCloud } from "../../local/azure/cloud.ts";
import type { AzureEnvironment } from "../../local/azure/environments.ts";
import type { DeploymentSite } from "../fixtures/deployment-site.ts";
import type { ProgramCopy } from "./program-copy.ts";

/** `<op> <name>` of each resource of Azure's, of random's and of the code, sorted; components and what stayed the same are not told. */
export type Steps = readonly string[];

/** A stack of the connector, as its user works with it. Methods reject where the command would fail. */
export interface Stack {
  readonly name: string;
  /** Sets stack config anew: settings of `Pulumi.yaml`, tokens as secrets. */
  configure(settings: object): Promise<void>;
  preview(): Promise<Steps>;
  /** A preview under the policies in `test/policy`; rejects with what violates one that is mandatory. */
  previewUnderPolicies(): Promise<void>;
  up(): Promise<Steps>;
  refresh(): Promise<Steps>;
  /** Lifts the protection of everything, as somebody does who means to destroy the stack. */
  unprotect(): Promise<void>;
  destroy(): Promise<Steps>;
  rename(name: string): Promise<Stack>;
  /** The stack's state, as `pulumi stack export` writes it. */
  exported(): Promise<string>;
}

/** A subscription of its own, and a copy of the program to deploy into it. */
export interface Subscription extends AsyncDisposable {
  readonly cloud: LocalCloud;
  readonly copy: ProgramCopy;
  readonly site: DeploymentSite;
  stack(name: string, settings: object): Promise<Stack>;
}

/** What the tests run under: the real `pulumi`, or the double of its engine. */
export interface Subject {
  readonly name: string;
  /** @param environment the cloud; the public one if not given */
  open(environment?: AzureEnvironment["name"]): Promise<Subscription>;
}

export const sorted = (steps: Iterable<string>): Steps => [...new Set(steps)].sort();

/** Two consoles; every token in them is a canary. */
export const connections = [
  { name: "emea", vendor: "sentinelone", url: "https://emea.sentinelone.example", apiToken: "canary-emea-1" },
  { name: "saas", vendor: "valence", url: "https://saas.valence.example", apiToken: "canary-saas-1" },
];

export const settings = { location: "westeurope", protectData: false, connections };

/** Types of what the tests look for in a subscription. */
export const types = {
  group: "azure-native:resources:ResourceGroup",
  workspace: "azure-native:operationalinsights:Workspace",
  table: "azure-native:operationalinsights:Table",
  search: "azure-native:operationalinsights:SavedSearch",
  rule: "azure-native:securityinsights:ScheduledAlertRule",
  app: "azure-native:web:WebApp",
} as const;
