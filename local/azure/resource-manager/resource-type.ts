import type { LocalCloud } from "../cloud.ts";

/** Resource id in ARM's own spelling: `/subscriptions/…/resourceGroups/…/providers/…`. Compared without regard to case. */
export type ResourceId = string;

/** One Azure type as the resource manager sees it: plain values, no envelopes, no unknowns. */
export interface ResourceType<I, O> {
  /** Pulumi's token, e.g. `azure-native:keyvault:Vault`. */
  readonly type: string;
  /** Property paths that Azure cannot change in place. */
  readonly replaceOn: readonly string[];
  readonly secretOutputs?: readonly string[];
  /** The input that names the resource, and what azure-native makes of the logical name when the program gives none. */
  readonly autoname?: { readonly property: string; readonly as: "random" | "copy" | "uuid" };
  /** Comes into being with its parent (`blobServices/default`): creating it is an update. */
  readonly existsWithParent?: boolean;
  id(inputs: I, cloud: LocalCloud): ResourceId;
  /** What Azure's API would refuse before doing anything. */
  check?(inputs: Partial<I>): readonly { property: string; reason: string }[];
  /** Brings back what a deletion has left recoverable, where azure-native does so before it creates. */
  recover?(id: ResourceId, cloud: LocalCloud): void;
  /** Creates or updates, as an ARM PUT; throws `AzureError` where Azure answers with an error. */
  put(id: ResourceId, inputs: I, cloud: LocalCloud): Promise<O>;
  get(id: ResourceId, cloud: LocalCloud): Promise<{ inputs: I; outputs: O } | undefined>;
  delete(id: ResourceId, cloud: LocalCloud): Promise<void>;
}

/** An error in Azure's own words: HTTP status, code and message. */
export class AzureError extends Error {
  override readonly name = "AzureError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
