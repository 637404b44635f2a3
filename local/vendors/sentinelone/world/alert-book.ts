import { Random } from "../../random.ts";
import { DAY, HOUR, MINUTE } from "../../time.ts";
import { STAR_RULES, type StarRule } from "./findings.ts";
import type { Account, Agent, ConsoleUser, Fleet } from "./fleet.ts";
import type { Step } from "./history.ts";
import { objectId, spread } from "./identifiers.ts";

/** A STAR alert: a custom or platform rule matched on a machine. */
export interface Alert {
  readonly id: string;
  readonly rule: AlertRule;
  readonly agent: Agent;
  /** Epoch microseconds, by the rule engine. */
  readonly createdAt: number;
  /** Epoch microseconds, by the console: what can be polled by. Never moves. */
  readonly reportedAt: number;
  /** Seeds what the feed shows of processes and connections. */
  readonly ordinal: number;
  readonly steps: readonly Step<AlertState>[];
}

export interface AlertRule extends StarRule {
  readonly id: string;
  readonly account: Account;
  readonly creator: ConsoleUser;
}

export interface AlertState {
  readonly incidentStatus: "Unresolved" | "In progress" | "Resolved";
  readonly analystVerdict: "Undefined" | "True positive" | "False positive" | "Suspicious";
}

/** About 300 alerts in two weeks at scale 1. */
const PER_HOUR = 300 / (14 * 24);

/** All STAR alerts, invented hour by hour of absolute time. */
export class AlertBook {
  readonly rules: readonly AlertRule[];
  readonly #seed: number;
  readonly #scale: number;
  readonly #fleet: Fleet;
  readonly #alerts: Alert[] = [];
  readonly #byHour = new Map<number, Alert[]>();
  #nextHour: number;

  constructor(seed: number, scale: number, beginning: number, fleet: Fleet) {
    this.#seed = seed;
    this.#scale = scale;
    this.#fleet = fleet;
    // What an activity of the first hour tells about was created just before it.
    this.#nextHour = Math.floor(beginning / HOUR) - 1;
    this.rules = STAR_RULES.map((rule, index) => ({
      ...rule,
      id: objectId(Date.UTC(2024, 5, 3 + index) * 1000, spread(900 + index)),
      account: fleet.accounts[index % fleet.accounts.length] as Account,
      creator: fleet.users[index % fleet.users.length] as ConsoleUser,
    }));
  }

  /** Every alert created until `now`. */
  until(now: number): readonly Alert[] {
    for (; this.#nextHour <= now / HOUR; this.#nextHour++) this.#invent(this.#nextHour);
    return this.#alerts;
  }

  createdIn(hour: number): readonly Alert[] {
    this.until(hour * HOUR);
    return this.#byHour.get(hour) ?? [];
  }

  #invent(hour: number): void {
    const random = new Random(this.#seed, "alerts", hour);
    const alerts = Array.from({ length: random.count(PER_HOUR * this.#scale) }, (_, ordinal) =>
      this.#alert(new Random(this.#seed, "alert", hour, ordinal), hour, ordinal),
    );
    this.#byHour.set(hour, alerts);
    this.#alerts.push(...alerts);
  }

  #alert(random: Random, hour: number, ordinal: number): Alert {
    const createdAt = Math.floor((hour + random.unit()) * HOUR) * 1000 + random.integer(0, 999);
    const reportedAt = createdAt + random.integer(9_000, 293_000);
    return {
      id: objectId(createdAt, spread(ordinal * 3 + 2)),
      rule: random.pick(this.rules),
      agent: this.#fleet.agent(random.pick(this.#fleet.slots), createdAt / 1000),
      createdAt,
      reportedAt,
      ordinal: hour * 1000 + ordinal,
      steps: inventLife(random, reportedAt),
    };
  }
}

function inventLife(random: Random, reportedAt: number): Step<AlertState>[] {
  const steps: Step<AlertState>[] = [];
  const add = (at: number, state: AlertState) =>
    steps.push({ at, shownAt: Math.ceil(at / 1000) + random.integer(20, 1500), state });
  add(reportedAt, { incidentStatus: "Unresolved", analystVerdict: "Undefined" });
  const taken = reportedAt + random.integer(20 * MINUTE, DAY) * 1000;
  if (random.chance(0.5)) add(taken, { incidentStatus: "In progress", analystVerdict: "Undefined" });
  const verdict = random.pick(["True positive", "False positive", "False positive", "Suspicious"] as const);
  const closed = taken + random.integer(MINUTE, 2 * DAY) * 1000;
  if (random.chance(0.6)) add(closed, { incidentStatus: "Resolved", analystVerdict: verdict });
  return steps;
}
