/** Plain properties of a resource: no envelopes, no unknowns. */
export type Properties = Record<string, unknown>;

/** A resource as an engine knows it from the last time. */
export interface Known {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** What has to happen to a resource whose inputs may have changed. */
export interface Difference {
  /** Paths that differ, e.g. `properties.sku.name` or `dataFlows[0].transformKql`. Empty: nothing to do. */
  readonly changed: readonly string[];
  /** Those among them that cannot be changed in place. */
  readonly replaces: readonly string[];
  /** The old resource has to go before the new one can come, because both bear the same name. */
  readonly deleteBeforeReplace: boolean;
}

/** What every engine, in process or behind gRPC, asks of a provider. Methods reject with the provider's own error. */
export interface Provider {
  /**
   * The inputs as they will be kept, with defaults and made-up names, and what is wrong with them. Where some are not known yet
   * (`isPartial`), they are not judged.
   */
  check(request: {
    readonly type: string;
    readonly name: string;
    readonly inputs: Properties;
    /** Inputs from the last time. */
    readonly knownInputs: Properties | undefined;
    readonly isPartial: boolean;
  }): Promise<{ readonly inputs: Properties; readonly failures: readonly { property: string; reason: string }[] }>;
  diff(type: string, known: Known, inputs: Properties): Promise<Difference>;
  create(type: string, inputs: Properties): Promise<{ readonly id: string; readonly outputs: Properties }>;
  update(type: string, known: Known, inputs: Properties): Promise<Properties>;
  /** Undefined when the resource is gone. `known` is absent when somebody else's resource is read or imported. */
  read(
    type: string,
    id: string,
    known?: Known,
  ): Promise<{ readonly inputs: Properties; readonly outputs: Properties } | undefined>;
  delete(type: string, known: Known): Promise<void>;
  /** False when it is certain, without asking anybody, that the resource is gone. */
  exists(known: Known): boolean;
  /** The resource that inputs name, if there is one, without asking anybody: what a killed process may have created. */
  find(type: string, inputs: Properties): Known | undefined;
  invoke(token: string, args: Properties): Promise<Properties>;
  /** Outputs that are secret whatever the inputs were. */
  secretOutputs(type: string): readonly string[];
}
