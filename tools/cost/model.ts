import { type Item, prices } from "./prices.ts";

/** What is collected from. */
export interface Fleet {
  /** In all consoles together. */
  readonly agents: number;
  readonly consoles: number;
  /** Streams that each console is asked for. */
  readonly streams: number;
  /** Days that rows stay queryable. */
  readonly retentionDays: number;
}

/**
 * How busy an agent is, in rows a day, and how long its rows are as Log Analytics bills them, in bytes. Assumed, not measured: change them to
 * what your fleet does.
 */
export const rates = {
  /** A quarter is taken off the JSON, as Azure's documentation has it for the average row. */
  activities: { rows: 6, bytes: 900 },
  /** Versions of threats and alerts together. */
  detections: { rows: 0.05, bytes: 3800 },
  agent: { bytes: 2300 },
  /** Changes of an agent that matter: network, version, policy, infection, silence. */
  agentChanges: 1.5,
  /** Times that an agent's `updatedAt` moves; most of them change nothing but the time. */
  agentUpdates: 40,
  healthRow: { bytes: 350 },
} as const;

const daysAMonth = 30.4;
const minutesAMonth = daysAMonth * 24 * 60;
const gigabyte = 1e9;
/** Sentinel includes so many days. */
const includedDays = 90;
const snapshotsADay = 4;
/** Half of the streams rest for five minutes, as they find nothing. */
const runsAMinute = 0.6;
/** Of one run that finds little: seconds of the worker with its share of the instance, in GB. */
const secondsARun = 1.2;
const gigabytesARun = 0.5 / 4;
/** Rows that a worker reads, renders and delivers in a second. */
const rowsASecond = 8000;
/** Of a run: message put, read and removed; checkpoint read, taken, kept, given back; ledger read and written. */
const operationsARun = 9;
const minuteTimerOperations = 4;
const ledgerDays = 8;
const bytesAKey = 8;

export interface Line {
  readonly item: Item;
  readonly what: string;
  readonly amount: number;
  readonly dollars: number;
}

export interface Cost {
  readonly lines: readonly Line[];
  readonly dollars: number;
}

/** A month of this connector. */
export function ourCost(fleet: Fleet): Cost {
  const { agents, consoles, streams } = fleet;
  const runs = consoles * streams * runsAMinute * minutesAMonth;
  const rows =
    daysAMonth * agents * (rates.activities.rows + rates.detections.rows + rates.agentChanges + snapshotsADay);
  const health = consoles * streams * 4 * 24 * daysAMonth * rates.healthRow.bytes;
  const stored = storedByUs(fleet) + health;
  return costOf(fleet, stored, [
    ["executions", "runs, and the timer", runs + minutesAMonth],
    ["gigabyteSeconds", "of the worker", (runs * secondsARun + rows / rowsASecond) * gigabytesARun],
    [
      "storageOperations",
      "on queue, checkpoints and ledger",
      runs * operationsARun + minutesAMonth * minuteTimerOperations,
    ],
    ["storedState", "ledger", ((rows / daysAMonth) * ledgerDays * bytesAKey) / gigabyte],
  ]);
}

/** The same fleet through Microsoft's codeless connector, which runs at no charge of its own. */
export const codelessCost = (fleet: Fleet): Cost => costOf(fleet, storedByCodeless(fleet), []);

/** Bytes a month: what changes, once, and a snapshot of every agent every six hours. */
function storedByUs({ agents }: Fleet): number {
  const { activities, detections, agent } = rates;
  const perAgent =
    activities.rows * activities.bytes +
    detections.rows * detections.bytes +
    (rates.agentChanges + snapshotsADay) * agent.bytes;
  return daysAMonth * agents * perAgent;
}

/** Bytes a month: every agent and threat again whenever its `updatedAt` moves, at most once in each window of five minutes. */
function storedByCodeless({ agents }: Fleet): number {
  const { activities, detections, agent } = rates;
  const perAgent =
    activities.rows * activities.bytes + 2 * detections.rows * detections.bytes + rates.agentUpdates * agent.bytes;
  return daysAMonth * agents * perAgent;
}

function costOf(fleet: Fleet, stored: number, others: readonly (readonly [Item, string, number])[]): Cost {
  const monthsBeyond = Math.max(0, fleet.retentionDays - includedDays) / daysAMonth;
  const amounts: readonly (readonly [Item, string, number])[] = [
    ["ingestion", "rows, and health rows", stored / gigabyte],
    ["retention", "of them", (stored / gigabyte) * monthsBeyond],
    ...others,
  ];
  const lines = amounts.map(([item, what, amount]): Line => {
    const { dollars, free } = prices[item];
    return { item, what, amount, dollars: Math.max(0, amount - free) * dollars };
  });
  return { lines, dollars: lines.reduce((sum, line) => sum + line.dollars, 0) };
}
