import { Random } from "../../random.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../time.ts";
import type { ThreatChanges } from "./agent-state.ts";
import { MALWARE, type Malware } from "./findings.ts";
import type { Agent, ConsoleUser, Fleet } from "./fleet.ts";
import { type Step, stepAt } from "./history.ts";
import { objectId, spread } from "./identifiers.ts";

export interface Threat {
  readonly id: string;
  readonly agent: Agent;
  readonly malware: Malware;
  /** Epoch microseconds. */
  readonly identifiedAt: number;
  readonly createdAt: number;
  readonly contentHash: string;
  readonly storyline: string;
  readonly filePath: string;
  readonly fileSize: number;
  readonly steps: readonly ThreatStep[];
}

export interface ThreatStep extends Step<ThreatState> {
  readonly event: ThreatEvent;
  readonly actor: ConsoleUser | undefined;
}

type ThreatEvent =
  | "created"
  | "killed"
  | "quarantined"
  | "quarantine-failed"
  | "reported"
  | "triaged"
  | "judged"
  | "resolved"
  | "expired";

export interface ThreatState {
  readonly mitigationStatus: "not_mitigated" | "mitigated" | "marked_as_benign";
  readonly incidentStatus: "unresolved" | "in_progress" | "resolved";
  readonly analystVerdict: "undefined" | "true_positive" | "false_positive" | "suspicious";
  readonly automaticallyResolved: boolean;
  readonly ticket: string | null;
  readonly actions: readonly ThreatAction[];
}

export interface ThreatAction {
  readonly action: "kill" | "quarantine" | "remediate";
  readonly status: "success" | "failed" | "pending";
  /** Epoch microseconds. */
  readonly at: number;
}

/** About 400 threats in two weeks at scale 1. */
const PER_HOUR = 400 / (14 * 24);
/** An outbreak hits several machines within minutes with the same file. */
const OUTBREAK_EVERY_HOURS = 90;
/** No threat changes any more when it is older. */
const LONGEST_LIFE = 7 * DAY;

/** All threats, invented hour by hour of absolute time. */
export class ThreatBook {
  readonly #seed: number;
  readonly #scale: number;
  readonly #fleet: Fleet;
  readonly #threats: Threat[] = [];
  readonly #steps = new Map<number, [Threat, ThreatStep][]>();
  readonly #byAgent = new Map<string, { threats: Threat[]; changes: ThreatChanges }>();
  #nextHour: number;

  constructor(seed: number, scale: number, beginning: number, fleet: Fleet) {
    this.#seed = seed;
    this.#scale = scale;
    this.#fleet = fleet;
    // What changes after the beginning may have been found before it.
    this.#nextHour = Math.floor((beginning - LONGEST_LIFE) / HOUR);
  }

  /** Every threat found until `now`. */
  until(now: number): readonly Threat[] {
    for (; this.#nextHour <= now / HOUR; this.#nextHour++) this.#invent(this.#nextHour);
    return this.#threats;
  }

  /** What happened to threats in that hour of absolute time. */
  stepsIn(hour: number): readonly [Threat, ThreatStep][] {
    this.until(hour * HOUR);
    return this.#steps.get(hour) ?? [];
  }

  /** How the number of open threats on an agent developed. */
  changesOf(agent: Agent, now: number): ThreatChanges {
    this.until(now);
    return this.#byAgent.get(agent.id)?.changes ?? [];
  }

  /** The newest threat found on an agent. */
  latestOn(agent: Agent, now: number): Threat | undefined {
    this.until(now);
    return this.#byAgent.get(agent.id)?.threats.findLast(({ createdAt }) => createdAt <= now * 1000);
  }

  #invent(hour: number): void {
    const random = new Random(this.#seed, "threats", hour);
    const count = random.count(PER_HOUR * this.#scale);
    const found = Array.from({ length: count }, (_, ordinal) =>
      this.#threat(new Random(this.#seed, "threat", hour, ordinal), hour, ordinal, random.pick(MALWARE), random.unit()),
    );
    if (hour % OUTBREAK_EVERY_HOURS === this.#seed % OUTBREAK_EVERY_HOURS) {
      const malware = random.pick(MALWARE);
      const hash = random.hex(40);
      const size = 2 + Math.round(10 * Math.min(1, this.#scale));
      for (let ordinal = count; ordinal < count + size; ordinal++) {
        const threat = this.#threat(
          new Random(this.#seed, "threat", hour, ordinal),
          hour,
          ordinal,
          malware,
          0.4 + random.unit() / 6,
        );
        found.push({ ...threat, contentHash: hash });
      }
    }
    for (const threat of found) this.#enter(threat);
  }

  #enter(threat: Threat): void {
    this.#threats.push(threat);
    for (const step of threat.steps) {
      const hour = Math.floor(step.shownAt / HOUR);
      const steps = this.#steps.get(hour) ?? [];
      steps.push([threat, step]);
      this.#steps.set(hour, steps);
    }
    const threats = [...(this.#byAgent.get(threat.agent.id)?.threats ?? []), threat];
    const moments = threats.flatMap(({ steps }) => steps.filter(changesExposure));
    const changes = moments
      .sort((a, b) => a.shownAt - b.shownAt)
      .map(({ shownAt }) => ({
        at: shownAt * 1000 - 387,
        open: threats.filter((other) => isOpen(other, shownAt)).length,
      }));
    this.#byAgent.set(threat.agent.id, { threats, changes });
  }

  #threat(random: Random, hour: number, ordinal: number, malware: Malware, moment: number): Threat {
    const createdAt = Math.floor((hour + moment) * HOUR) * 1000 + random.integer(0, 999);
    const agent = this.#fleet.agent(random.pick(this.#fleet.slots), createdAt / 1000);
    return {
      id: objectId(createdAt, spread(ordinal * 3 + 1)),
      agent,
      malware,
      createdAt,
      identifiedAt: createdAt - random.integer(60_000, 3_000_000),
      contentHash: random.hex(40),
      storyline: random.hex(16).toUpperCase(),
      filePath: pathOf(agent, malware),
      fileSize: random.integer(9_000, 9_000_000),
      steps: inventLife(random, createdAt, malware, this.#fleet.users),
    };
  }
}

const changesExposure = (step: ThreatStep): boolean => step.event !== "reported" && step.event !== "triaged";

const isOpen = (threat: Threat, now: number): boolean => {
  const state = stepAt(threat.steps, now)?.state;
  return state?.mitigationStatus === "not_mitigated" && state.incidentStatus !== "resolved";
};

function pathOf(agent: Agent, malware: Malware): string {
  const { login } = agent.slot.owner;
  switch (agent.slot.platform.osType) {
    case "windows":
      return `\\Device\\HarddiskVolume3\\Users\\${login}\\Downloads\\${malware.file}`;
    case "macos":
      return `/Users/${login}/Downloads/${malware.file}`;
    case "linux":
      return `/home/${login}/.cache/${malware.file}`;
  }
}

/** From detection to closure: the agent acts within seconds, people within hours, and triage closes many threats in one go. */
function inventLife(random: Random, createdAt: number, malware: Malware, users: readonly ConsoleUser[]): ThreatStep[] {
  const steps: ThreatStep[] = [];
  let state: ThreatState = {
    mitigationStatus: "not_mitigated",
    incidentStatus: "unresolved",
    analystVerdict: "undefined",
    automaticallyResolved: false,
    ticket: null,
    actions: [],
  };
  const add = (event: ThreatEvent, at: number, change: Partial<ThreatState>, actor?: ConsoleUser) => {
    state = { ...state, ...change };
    steps.push({ event, at, shownAt: Math.ceil(at / 1000) + random.integer(20, 1800), state, actor });
  };
  const act = (
    event: ThreatEvent,
    at: number,
    action: ThreatAction["action"],
    status: ThreatAction["status"],
    change: Partial<ThreatState>,
  ) => add(event, at, { ...change, actions: [...state.actions, { action, status, at }] });

  // In a third of the real records `updatedAt` is some milliseconds before `createdAt`.
  add("created", random.chance(0.33) ? createdAt - random.integer(5_000, 16_000) : createdAt, {});
  let clock = createdAt + random.integer(3 * SECOND, 20 * SECOND) * 1000;
  if (malware.confidence === "malicious" || random.chance(0.3)) {
    act("killed", clock, "kill", "success", {});
    clock += random.integer(2500, 9000) * 1000;
    if (random.chance(0.9)) act("quarantined", clock, "quarantine", "success", { mitigationStatus: "mitigated" });
    else act("quarantine-failed", clock, "quarantine", "failed", {});
  }
  if (random.chance(0.05)) {
    // A long remediation reports its progress every few minutes.
    for (let report = random.integer(8, 20); report > 0; report--) {
      clock += random.integer(3 * MINUTE, 6 * MINUTE) * 1000;
      act("reported", clock, "remediate", report === 1 ? "success" : "pending", {});
    }
  }
  const analyst = random.pick(users);
  clock += random.integer(10 * MINUTE, 12 * HOUR) * 1000;
  if (random.chance(0.6)) {
    const ticket = random.chance(0.4) ? `SEC-${random.integer(1000, 9999)}` : null;
    add("triaged", clock, { incidentStatus: "in_progress", ticket }, analyst);
    clock += random.integer(10 * MINUTE, 20 * HOUR) * 1000;
    const verdicts = ["true_positive", "true_positive", "suspicious", "false_positive"] as const;
    add("judged", clock, { analystVerdict: random.pick(verdicts) }, analyst);
  }
  if (random.chance(0.8)) {
    const close = nextTriage(clock + random.integer(0, 3 * DAY) * 1000);
    const benign = state.analystVerdict === "false_positive" ? { mitigationStatus: "marked_as_benign" as const } : {};
    const closer = users[Math.floor(close / 1000 / HOUR) % users.length];
    add("resolved", close, { incidentStatus: "resolved", ...benign }, closer);
  } else {
    const end = createdAt + random.integer(6 * DAY, LONGEST_LIFE - MINUTE) * 1000;
    add("expired", end, { incidentStatus: "resolved", automaticallyResolved: true });
  }
  return steps;
}

/** Four times a day somebody selects all that is done and closes it: those threats carry one and the same instant. */
const nextTriage = (micros: number): number => Math.ceil(micros / (6 * HOUR * 1000)) * 6 * HOUR * 1000 + 2_137_000_418;
