import type { DuckDBConnection } from "@duckdb/node-api";
import type { DeployedFlow, DeployedRule } from "../cloud.ts";
import { isDiskFault } from "../workspace/disk-fault.ts";
import type { WorkspaceStore } from "../workspace/store.ts";
import { ticksOf } from "../workspace/ticks.ts";
import type { DailyCap } from "./daily-cap.ts";
import { createDelivery, type Delivery } from "./delivery.ts";
import { Intake, type IntakeReport } from "./intake.ts";

/** What became of the rows of one request in one flow. */
export type FlowOutcome =
  | {
      readonly flow: DeployedFlow;
      readonly stored: number;
      readonly unknownColumns: readonly string[];
      /** Whether these rows brought the workspace to its daily cap. */
      readonly reachedCap: boolean;
    }
  /** The workspace has reached its daily cap before. */
  | { readonly flow: DeployedFlow; readonly isClosed: true }
  | { readonly flow: DeployedFlow; readonly error: string; readonly operation: "Ingestion" | "Transformation" };

/** One stream of one rule, ready to take requests: its declaration, transforms and tables as they were deployed when it was made. */
export class Pipeline {
  readonly #intake: Intake;
  readonly #flows: readonly DeployedFlow[];
  readonly #store: WorkspaceStore;
  readonly #cap: DailyCap;
  readonly #deliveries = new Map<DeployedFlow, Delivery>();

  constructor(name: string, rule: DeployedRule, stream: string, store: WorkspaceStore, cap: DailyCap) {
    this.#intake = new Intake(name, rule.streams[stream] ?? []);
    this.#flows = rule.flows.filter((flow) => flow.stream === stream);
    this.#store = store;
    this.#cap = cap;
  }

  /**
   * Takes a JSON array of objects through all flows of the stream, in one transaction. A flow that fails loses its rows and no other's;
   * anything else that fails stores nothing and throws.
   */
  async run(json: string, now: Date): Promise<{ intake: IntakeReport; outcomes: readonly FlowOutcome[] }> {
    const failed = new Map<DeployedFlow, FlowOutcome>();
    // An error ends DuckDB's transaction, and there are no savepoints: after each flow that fails the others start again.
    for (;;) {
      try {
        return await this.#store.write(async (connection) => {
          const intake = await this.#intake.fill(connection, json);
          const outcomes: FlowOutcome[] = [];
          for (const flow of this.#flows)
            outcomes.push(failed.get(flow) ?? (await this.#deliver(flow, connection, now, json.length)));
          return { intake, outcomes };
        });
      } catch (error) {
        if (!(error instanceof FlowError)) throw error;
        failed.set(error.flow, { flow: error.flow, error: error.message, operation: error.operation });
      }
    }
  }

  async #deliver(flow: DeployedFlow, connection: DuckDBConnection, now: Date, bytes: number): Promise<FlowOutcome> {
    const table = this.#store.layout(flow.workspaceId, flow.table);
    if (!table) throw new FlowError(flow, "Ingestion", `The table ${flow.table} does not exist.`);
    const cap = await this.#cap.take(connection, flow.workspaceId, bytes, now);
    if (cap === "closed") return { flow, isClosed: true };
    try {
      const delivery = this.#deliveries.get(flow) ?? createDelivery(flow.transformKql, this.#intake.source, table, now);
      if (!readsClock(flow.transformKql)) this.#deliveries.set(flow, delivery);
      const stored = await delivery.store(connection, ticksOf(now.getTime()));
      return { flow, stored, unknownColumns: delivery.unknownColumns, reachedCap: cap === "reached" };
    } catch (error) {
      if (isDiskFault(error as Error)) throw error;
      throw new FlowError(flow, "Transformation", (error as Error).message);
    }
  }
}

class FlowError extends Error {
  readonly flow: DeployedFlow;
  readonly operation: "Ingestion" | "Transformation";

  constructor(flow: DeployedFlow, operation: "Ingestion" | "Transformation", message: string) {
    super(message);
    this.flow = flow;
    this.operation = operation;
  }
}

/** A compiled query holds the time at which it was compiled. */
function readsClock(query: string): boolean {
  return /\b(?:now|ago)\s*\(/.test(query);
}
