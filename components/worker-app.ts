import type { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import type * as pulumi from "@pulumi/pulumi";
import type { ConnectorScope } from "./connector-scope.ts";
import type { Storage } from "./storage.ts";

/** The Function App, whatever it is hosted on. */
export interface WorkerApp {
  readonly resource: pulumi.Resource;
  readonly id: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;
  /** Host that its code is published to. */
  readonly publishingHost: pulumi.Output<string>;
  /** How: to a deployment site, or as a blob that the app names as its package. */
  readonly publishing: { readonly scmHost: pulumi.Output<string> } | { readonly packageUrl: pulumi.Output<string> };
}

export interface WorkerAppArgs {
  readonly scope: ConnectorScope;
  readonly identity: UserAssignedIdentity;
  readonly storage: Storage;
  readonly settings: readonly { readonly name: string; readonly value: pulumi.Input<string> }[];
  /** Memory of one instance, in MB. */
  readonly instanceMemoryMb: number;
  /** Most instances that run at once. */
  readonly maximumInstances: number;
  /** Digest of the package that shall run. */
  readonly sha256: pulumi.Input<string>;
}

export type WorkerAppOptions = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };

/** Version of Node.js that the worker runs on. */
export const nodeVersion = "24";
