import { Random, unitOf } from "../../random.ts";
import { DAY, HOUR, MINUTE, WEEK } from "../../time.ts";
import { type Agent, policyChanges } from "./fleet.ts";

/** What an agent is at one time, apart from its heartbeat. Everything is found from absolute time, so any moment can be asked for. */
export interface AgentState {
  /** Epoch microseconds. */
  readonly updatedAt: number;
  /** Epoch milliseconds at which the next change takes effect. */
  readonly until: number;
  /** Counts the changes of the machine itself; addresses, users and scans follow from it. */
  readonly generation: number;
  /** Epoch milliseconds of the last completed full scan. */
  readonly scannedAt: number;
  /** Counts releases; see `agentVersion`. */
  readonly release: number;
  readonly policyUpdatedAt: number;
  readonly activeThreats: number;
  readonly decommissioned: boolean;
}

/** Changes that come from elsewhere, such as threats; ascending epoch microseconds with the threats left open after each. */
export type ThreatChanges = readonly { readonly at: number; readonly open: number }[];

const RELEASE_CYCLE = 6 * WEEK;
/** Releases are counted from here, so that versions look current. */
const FIRST_RELEASE = Date.UTC(2022, 0, 4);

export function agentState(seed: number, agent: Agent, threats: ThreatChanges, now: number): AgentState {
  if (now >= agent.retiredAt) {
    const before = agentState(seed, agent, [], agent.retiredAt - 1);
    return {
      ...before,
      updatedAt: agent.retiredAt * 1000 - 789,
      until: Infinity,
      activeThreats: 0,
      decommissioned: true,
    };
  }
  const own = ownChanges(seed, agent, now);
  const policy = policyChanges(seed, agent.slot.group, now);
  const met = threats.filter(({ at }) => at <= now * 1000);
  const following = threats[met.length]?.at ?? Infinity;
  const enrolled = agent.registeredAt * 1000;
  const updatedAt = Math.max(own.last, policy.last, met.at(-1)?.at ?? 0, enrolled);
  const next = Math.min(own.next, policy.next, following, agent.retiredAt * 1000);
  // Versions change only together with the machine, half a week late at most, or `updatedAt` would not tell.
  const rollout = unitOf(seed, "rollout", agent.slot.index) * RELEASE_CYCLE;
  return {
    updatedAt,
    until: Math.ceil(next / 1000),
    generation: own.generation,
    scannedAt: Math.max(agent.registeredAt, Math.floor(own.scanned / 1000)),
    release: newestRelease(own.last / 1000 - rollout),
    policyUpdatedAt: policy.last,
    activeThreats: met.at(-1)?.open ?? 0,
    decommissioned: false,
  };
}

/** Number of the agent version that is newest at that time. */
export const newestRelease = (now: number): number => Math.max(0, Math.floor((now - FIRST_RELEASE) / RELEASE_CYCLE));

/** Twice a week a machine changes by itself: in the first half a full scan ends, in the second its network, user or version changes. */
function ownChanges(
  seed: number,
  agent: Agent,
  now: number,
): { last: number; next: number; scanned: number; generation: number } {
  const current = Math.floor((now * 2) / WEEK);
  const at = (half: number): number => {
    const random = new Random(seed, "change", agent.slot.index, half);
    return Math.floor((half * WEEK) / 2 + (random.unit() * WEEK) / 2) * 1000 + random.integer(0, 999);
  };
  const happened = at(current) <= now * 1000;
  const generation = happened ? current : current - 1;
  const scan = generation % 2 === 0 ? generation : generation - 1;
  return { last: at(generation), next: at(generation + 1), scanned: at(scan), generation };
}

/**
 * The last heartbeat, epoch milliseconds. Servers never sleep; people's machines are up in working hours, stay off some days, and
 * one in fifty was lost and never reports again. None of this moves `updatedAt`.
 */
export function lastHeartbeat(seed: number, agent: Agent, now: number): number {
  const { machineType } = agent.slot.platform;
  const phase = Math.floor(unitOf(seed, "heartbeat", agent.slot.index) * HEARTBEAT);
  const seen = Math.min(now, agent.retiredAt, lostAt(seed, agent));
  const lastBefore = (time: number) =>
    Math.max(agent.registeredAt, Math.floor((time - phase) / HEARTBEAT) * HEARTBEAT + phase);
  if (machineType === "server" || machineType === "kubernetes node") return lastBefore(seen);
  for (let day = Math.floor(seen / DAY); day >= seen / DAY - 30; day--) {
    const random = new Random(seed, "presence", agent.slot.index, day);
    if (random.chance(0.12)) continue;
    const up = day * DAY + random.integer(5, 9) * HOUR + random.integer(0, 59) * MINUTE;
    const down = day * DAY + random.integer(15, 22) * HOUR + random.integer(0, 59) * MINUTE;
    if (seen >= up) return lastBefore(Math.min(seen, down));
  }
  return lastBefore(seen);
}

const HEARTBEAT = 4 * MINUTE;

function lostAt(seed: number, agent: Agent): number {
  const random = new Random(seed, "lost", agent.id);
  return random.chance(0.02) ? agent.registeredAt + random.unit() * (agent.retiredAt - agent.registeredAt) : Infinity;
}
