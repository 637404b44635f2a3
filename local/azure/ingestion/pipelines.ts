import type { DeployedRule } from "../cloud.ts";
import type { WorkspaceStore } from "../workspace/store.ts";
import type { DailyCap } from "./daily-cap.ts";
import { Pipeline } from "./pipeline.ts";

/** Pipelines by rule and stream, made again when what they were made from has changed. */
export class Pipelines {
  readonly #store: WorkspaceStore;
  readonly #cap: DailyCap;
  readonly #made = new Map<string, { readonly table: string; readonly key: string; readonly pipeline: Pipeline }>();

  constructor(store: WorkspaceStore, cap: DailyCap) {
    this.#store = store;
    this.#cap = cap;
  }

  of(rule: DeployedRule, stream: string): Pipeline {
    const name = `${rule.immutableId}/${stream}`;
    const key = JSON.stringify([this.#store.version, rule.streams[stream], rule.flows]);
    const made = this.#made.get(name);
    if (made?.key === key) return made.pipeline;
    const table = made?.table ?? `intake_${this.#made.size}`;
    const pipeline = new Pipeline(table, rule, stream, this.#store, this.#cap);
    this.#made.set(name, { table, key, pipeline });
    return pipeline;
  }
}
