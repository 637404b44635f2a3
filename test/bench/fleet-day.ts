import { Random } from "../../local/vendors/random.ts";
import { startSentinelOne } from "../../local/vendors/sentinelone.ts";
import { rates } from "../../tools/cost/model.ts";
import { ChangingList, type FleetList, type Shown, type Version } from "./fleet-console.ts";

const minute = 60_000;
const hour = 60 * minute;
export const day = 24 * hour;
const versionsOfAThreat = 4;

export interface FleetDay {
  /** By path. */
  readonly lists: Readonly<Record<"/agents" | "/threats", FleetList>>;
  /** Names of the states that stood long enough to be seen by one who looks every minute. */
  readonly states: ReadonlySet<string>;
}

/**
 * A day of so many machines, from the rates of the cost model. Half of them are switched off over night, which moves no `updatedAt`.
 * @param start midnight, epoch milliseconds
 * @param updates times a day that an agent's `updatedAt` moves
 */
export async function fleetDay(agents: number, updates: number, start: number): Promise<FleetDay> {
  const random = new Random(1, "fleet-day");
  const hours = Array.from({ length: agents }, (_, i) => ({
    up: i % 2 === 0 ? start : start + random.integer(6 * hour, 9 * hour),
    down: i % 2 === 0 ? start + day : start + random.integer(16 * hour, 20 * hour),
  }));
  // Falling silent and coming back are changes too: one a machine and day, over all.
  const changes = rates.agentChanges - 1;
  const moves = hours.flatMap(({ up, down }, object) => {
    const times = Array.from({ length: updates }, () => random.integer(up, down)).sort((a, b) => a - b);
    let state = 0;
    const moved = times.map(
      (at): Version => ({ at, object, state: (state += random.chance(changes / updates) ? 1 : 0) }),
    );
    return [{ at: start - random.integer(hour, day), object, state: 0 }, ...moved];
  });
  const threats = Array.from(
    { length: Math.round((agents * rates.detections.rows) / versionsOfAThreat) },
    (_, object) => {
      const times = Array.from({ length: versionsOfAThreat }, () => start + random.integer(0, day)).sort(
        (a, b) => a - b,
      );
      return times.map((at, state): Version => ({ at, object, state }));
    },
  ).flat();

  const lastActive = (object: number, now: number): number => {
    const { up, down } = hours[object] as (typeof hours)[number];
    return now < up ? start - 7 * hour : Math.min(now, down);
  };
  const silences = hours.flatMap(({ down }, object) => (down < start + day ? [silenceName(object, down)] : []));
  return {
    lists: {
      "/agents": { list: new ChangingList(inOrder(moves), lastActive), render: await agentTexts() },
      "/threats": { list: new ChangingList(inOrder(threats)), render: await threatTexts() },
    },
    states: new Set([...silences, ...lasting(moves, "agent", start), ...lasting(threats, "threat", start)]),
  };
}

/** Names of the states that a record tells of. */
export function statesOf(record: FleetRecord): string[] {
  if ("threatInfo" in record)
    return [stateName("threat", Number(record.id), Number(record.threatInfo.externalTicketId))];
  const object = Number(record.id);
  const state = stateName("agent", object, Number(record.externalId));
  return record.isActive ? [state] : [state, silenceName(object, Date.parse(record.lastActiveDate))];
}

type FleetRecord =
  | { readonly id: string; readonly threatInfo: { readonly externalTicketId: string } }
  | { readonly id: string; readonly externalId: string; readonly isActive: boolean; readonly lastActiveDate: string };

const stateName = (kind: "agent" | "threat", object: number, state: number) => `${kind} ${object}: ${state}`;
const silenceName = (object: number, since: number) => `agent ${object}: silent since ${since}`;

const inOrder = (versions: readonly Version[]) => versions.toSorted((a, b) => a.at - b.at);

/** States of that day that were shown at a full minute; those that came and went in between nobody can see who asks every minute. */
function lasting(versions: readonly Version[], kind: "agent" | "threat", start: number): string[] {
  const last = Math.floor((start + day) / minute) - 1;
  return versions.flatMap(({ at, object, state }, i) => {
    const next = versions[i + 1];
    const end = next?.object === object ? Math.floor((next.at - 1) / minute) : last;
    return Math.ceil(at / minute) <= Math.min(end, last) ? [stateName(kind, object, state)] : [];
  });
}

/** Texts of the simulator's agents, as long as theirs, of which only what the day changes is written anew. */
async function agentTexts(): Promise<FleetList["render"]> {
  const texts = await simulated("agents", ["id", "updatedAt", "lastActiveDate", "isActive", "externalId"]);
  return ({ object, at, lastActive, isActive, state }: Shown) =>
    `{"id":"${idOf(object)}","updatedAt":"${iso(at)}","lastActiveDate":"${iso(lastActive)}","isActive":${isActive},"externalId":"${state}",${texts[object % texts.length]}`;
}

async function threatTexts(): Promise<FleetList["render"]> {
  const texts = await simulated("threats", ["id", "threatInfo"]);
  const infos = await simulated("threats", ["updatedAt", "externalTicketId"], "threatInfo");
  return ({ object, at, state }: Shown) =>
    `{"id":"${idOf(object)}","threatInfo":{"updatedAt":"${iso(at)}","externalTicketId":"${state}",${infos[object % infos.length]},${texts[object % texts.length]}`;
}

/** JSON of the simulator's records, or of a member of theirs, without some members and the opening brace. */
async function simulated(stream: string, without: readonly string[], member?: string): Promise<string[]> {
  await using simulator = await startSentinelOne({ seed: 1 });
  const headers = { authorization: `ApiToken ${simulator.token}` };
  const answer = await fetch(`${simulator.url}/web/api/v2.1/${stream}?limit=500`, { headers });
  const { data } = (await answer.json()) as { data: Record<string, unknown>[] };
  return data.map((record) => {
    const whole = member === undefined ? record : (record[member] as Record<string, unknown>);
    return JSON.stringify(Object.fromEntries(Object.entries(whole).filter(([name]) => !without.includes(name)))).slice(
      1,
    );
  });
}

const idOf = (object: number) => String(object).padStart(19, "0");
const iso = (time: number) => new Date(time).toISOString();
