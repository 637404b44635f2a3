import { isoMicros, MINUTE } from "../../time.ts";
import { COMPARISONS_AND_BETWEEN, type Feed } from "../api/feed.ts";
import { type AgentState, lastHeartbeat } from "../world/agent-state.ts";
import type { Agent } from "../world/fleet.ts";
import { agentVersion } from "../world/vocabulary.ts";
import type { World } from "../world/world.ts";
import { describeAgent } from "./agent-record.ts";

export interface AgentRow {
  readonly agent: Agent;
  readonly state: AgentState;
  /** Epoch milliseconds. */
  readonly heartbeat: number;
  readonly now: number;
}

const SILENT_AFTER = 15 * MINUTE;

/** Machines, one row per agent as it is now. */
export function agentsFeed(world: World): Feed<AgentRow> {
  const texts = new Map<string, { updatedAt: number; rest: string }>();
  const updatedAt = (row: AgentRow) => row.state.updatedAt;
  const lastActive = (row: AgentRow) => row.heartbeat * 1000 + 271;
  const createdAt = (row: AgentRow) => row.agent.registeredAt * 1000;
  const isActive = (row: AgentRow) => !row.state.decommissioned && row.now - row.heartbeat < SILENT_AFTER;
  const threatCreatedAt = ({ agent, now }: AgentRow) => world.threats.latestOn(agent, now)?.createdAt;
  const time = (value: (row: AgentRow) => number | undefined) => ({ value, operators: COMPARISONS_AND_BETWEEN });
  const key = (agent: Agent, state: AgentState) => `${agent.id}|${isoMicros(state.updatedAt)}`;
  return {
    stream: "agents",
    path: "/agents",
    permission: "Endpoints.view",
    times: {
      createdAt: time(createdAt),
      updatedAt: time(updatedAt),
      registeredAt: time(createdAt),
      lastActiveDate: time(lastActive),
      lastSuccessfulScanDate: time((row) => row.state.scannedAt * 1000),
      decommissionedAt: time((row) => (row.state.decommissioned ? row.state.updatedAt : undefined)),
      threatCreatedAt: time(threatCreatedAt),
    },
    sets: {
      ids: ({ agent }) => agent.id,
      uuids: ({ agent }) => agent.uuid,
      uuid: ({ agent }) => agent.uuid,
      computerName: ({ agent }) => agent.computerName,
      accountIds: ({ agent }) => agent.slot.group.site.account.id,
      siteIds: ({ agent }) => agent.slot.group.site.id,
      groupIds: ({ agent }) => agent.slot.group.id,
      osTypes: ({ agent }) => agent.slot.platform.osType,
      machineTypes: ({ agent }) => agent.slot.platform.machineType,
      agentVersions: ({ state }) => agentVersion(state.release),
      infected: ({ state }) => state.activeThreats > 0,
      isActive,
      isDecommissioned: ({ state }) => state.decommissioned,
    },
    sorts: {
      id: ({ agent }) => agent.id,
      createdAt,
      registeredAt: createdAt,
      updatedAt,
      lastActiveDate: lastActive,
      computerName: ({ agent }) => agent.computerName,
      siteId: ({ agent }) => agent.slot.group.site.id,
      groupId: ({ agent }) => agent.slot.group.id,
      agentVersion: ({ state }) => agentVersion(state.release),
      activeThreats: ({ state }) => state.activeThreats,
    },
    rows: (now) =>
      world.fleet.agents(now).map((agent) => ({
        agent,
        now,
        state: world.agentState(agent, now),
        heartbeat: lastHeartbeat(world.seed, agent, now),
      })),
    id: ({ agent }) => agent.id,
    key: ({ agent, state }) => key(agent, state),
    everShown: (since, now) =>
      [...new Set([...world.fleet.agents(since), ...world.fleet.agents(now)])].flatMap((agent) => {
        const keys: string[] = [];
        for (let time = Math.max(since, agent.registeredAt); time <= now; ) {
          const state = world.agentState(agent, time);
          keys.push(key(agent, state));
          time = state.until;
        }
        return keys;
      }),
    render: (row) => {
      // Only the heartbeat moves between two changes of state, so the large rest is rendered once.
      const known = texts.get(row.agent.id);
      const rest = known?.updatedAt === row.state.updatedAt ? known.rest : JSON.stringify(describeAgent(world, row));
      if (known?.rest !== rest) texts.set(row.agent.id, { updatedAt: row.state.updatedAt, rest });
      return `{"lastActiveDate":"${isoMicros(lastActive(row))}","isActive":${isActive(row)},${rest.slice(1)}`;
    },
  };
}
