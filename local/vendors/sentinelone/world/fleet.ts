import { Random, unitOf } from "../../random.ts";
import { DAY, WEEK } from "../../time.ts";
import { objectId, spread } from "./identifiers.ts";
import { ACCOUNTS, FIRST_NAMES, GROUP_PURPOSES, LAST_NAMES, PLATFORMS, type Platform, SITES } from "./vocabulary.ts";

/** Who and what there is: accounts, sites, groups, console users, and the places in the fleet that machines come and go in. */
export interface Fleet {
  readonly seed: number;
  readonly accounts: readonly Account[];
  readonly sites: readonly Site[];
  readonly groups: readonly Group[];
  readonly users: readonly ConsoleUser[];
  readonly slots: readonly Slot[];
  /** The machine that fills a slot at that time. */
  agent(slot: Slot, now: number): Agent;
  /** All machines that the console lists: those in service, and those that left it in the last three weeks. */
  agents(now: number): readonly Agent[];
}

export interface Account {
  readonly id: string;
  readonly name: string;
}

export interface Site {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly account: Account;
}

export interface Group {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly site: Site;
  readonly type: "static" | "dynamic" | "pinned";
  readonly rank: number | null;
  readonly isDefault: boolean;
  readonly creator: ConsoleUser;
}

export interface ConsoleUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  /** The address that its sessions come from. */
  readonly ip: string;
}

/** A place in the fleet: machines are replaced, the desk stays. */
interface Slot {
  readonly index: number;
  readonly group: Group;
  readonly platform: Platform;
  /** Epoch milliseconds at which machines of this slot are replaced, modulo `SERVICE_LIFE`. */
  readonly phase: number;
  readonly owner: Person;
  readonly subnet: string;
}

interface Person {
  readonly name: string;
  readonly login: string;
}

export interface Agent {
  readonly slot: Slot;
  readonly id: string;
  readonly uuid: string;
  readonly computerName: string;
  readonly serialNumber: string;
  readonly mac: string;
  /** Epoch milliseconds. */
  readonly registeredAt: number;
  readonly retiredAt: number;
}

const FOUNDED = Date.UTC(2019, 2, 4, 9, 30);
const SERVICE_LIFE = 120 * WEEK;
const DECOMMISSIONED_ARE_LISTED = 3 * WEEK;

export function foundFleet(seed: number, scale: number): Fleet {
  const random = new Random(seed, "fleet");
  const accounts = ACCOUNTS.map((name, index) => ({ id: foundingId(index), name }));
  const sites = SITES.map((name, index) => ({
    index,
    id: foundingId(100 + index),
    name,
    account: accounts[Math.floor((index * accounts.length) / SITES.length)] as Account,
  }));
  const users = inventUsers(random);
  const groups = inventGroups(random, sites, users, Math.max(12, Math.round(60 * scale)));
  const slots = Array.from({ length: Math.max(20, Math.round(1500 * scale)) }, (_, index) =>
    inventSlot(new Random(seed, "slot", index), index, groups),
  );
  const known = new Map<string, Agent>();
  const incarnation = (slot: Slot, number: number): Agent => {
    const name = `${slot.index}/${number}`;
    const agent = known.get(name) ?? inventAgent(seed, slot, number);
    known.set(name, agent);
    return agent;
  };
  const numberAt = (slot: Slot, now: number) => Math.floor((now - slot.phase) / SERVICE_LIFE);
  return {
    seed,
    accounts,
    sites,
    groups,
    users,
    slots,
    agent: (slot, now) => incarnation(slot, numberAt(slot, now)),
    agents: (now) =>
      slots.flatMap((slot) => {
        const current = incarnation(slot, numberAt(slot, now));
        const justReplaced = now - current.registeredAt < DECOMMISSIONED_ARE_LISTED;
        return justReplaced ? [incarnation(slot, numberAt(slot, now) - 1), current] : [current];
      }),
  };
}

const foundingId = (ordinal: number): string => objectId((FOUNDED + ordinal) * 1000, spread(ordinal + 7));

function inventUsers(random: Random): ConsoleUser[] {
  const roles = ["Admin", "Admin", "SOC", "SOC", "SOC", "IR Team", "IT", "Viewer"];
  return Array.from({ length: 14 }, (_, index) => {
    const first = FIRST_NAMES[(index * 5 + 3) % FIRST_NAMES.length] as string;
    const last = random.pick(LAST_NAMES);
    return {
      id: foundingId(300 + index),
      name: `${first} ${last}`,
      email: `${plain(first)}.${plain(last)}@halvorsen.example`,
      role: roles[index % roles.length] as string,
      ip: `203.0.113.${10 + index}`,
    };
  });
}

function inventGroups(random: Random, sites: readonly Site[], users: readonly ConsoleUser[], count: number): Group[] {
  return Array.from({ length: count }, (_, index) => {
    const site = sites[index % sites.length] as Site;
    const turn = Math.floor(index / sites.length);
    const isDefault = turn === 0;
    const type = isDefault ? "static" : random.pick(["static", "dynamic", "dynamic", "pinned"] as const);
    const purpose = GROUP_PURPOSES[(turn - 1) % GROUP_PURPOSES.length];
    const floor = Math.floor((turn - 1) / GROUP_PURPOSES.length);
    return {
      index,
      id: foundingId(500 + index),
      name: isDefault ? "Default Group" : `${purpose}${floor > 0 ? ` ${floor + 1}` : ""}`,
      site,
      type,
      rank: type === "dynamic" ? turn : null,
      isDefault,
      creator: random.pick(users),
    };
  });
}

function inventSlot(random: Random, index: number, groups: readonly Group[]): Slot {
  const first = random.pick(FIRST_NAMES);
  const last = random.pick(LAST_NAMES);
  return {
    index,
    group: groups[index % groups.length] as Group,
    platform: random.pick(PLATFORMS),
    phase: FOUNDED + Math.floor(random.unit() * SERVICE_LIFE),
    owner: { name: `${first} ${last}`, login: `${plain(first).slice(0, 1)}${plain(last)}` },
    subnet: `10.${random.integer(8, 40)}.${random.integer(0, 255)}`,
  };
}

function inventAgent(seed: number, slot: Slot, number: number): Agent {
  const random = new Random(seed, "agent", slot.index, number);
  const registeredAt = slot.phase + number * SERVICE_LIFE;
  const site = slot.group.site.name.slice(0, 3).toUpperCase();
  return {
    slot,
    id: objectId(registeredAt * 1000, spread(slot.index)),
    uuid: random.hex(32),
    computerName: `${site}-${slot.platform.hostPrefix}-${String(slot.index).padStart(5, "0")}${number % 2 === 0 ? "" : "B"}`,
    serialNumber: random.hex(10).toUpperCase(),
    mac: (random.hex(12).match(/../g) ?? []).join(":"),
    registeredAt,
    retiredAt: registeredAt + SERVICE_LIFE,
  };
}

/** Letters that fit into a mail address or login. */
const plain = (name: string): string =>
  name
    .normalize("NFD")
    .replaceAll("ø", "o")
    .replaceAll(/[^A-Za-z]/g, "")
    .toLowerCase();

/** When a group's policy last changed before `now`, and when it next does: all its agents then carry that very instant. Epoch microseconds. */
export function policyChanges(seed: number, group: Group, now: number): { last: number; next: number } {
  const micros = now * 1000;
  let week = Math.floor(now / WEEK) + 4;
  let next = policyChange(seed, group, week);
  let last = next;
  while (last > micros) {
    next = last;
    last = policyChange(seed, group, --week);
  }
  return { last, next };
}

/** A group's policy changes about every third week, in office hours; other weeks repeat the change before. */
function policyChange(seed: number, group: Group, week: number): number {
  let changed = week;
  while ((changed + Math.floor(unitOf(seed, "policy", group.index) * 3)) % 3 !== 0) changed--;
  const random = new Random(seed, "policy", group.index, changed);
  const milliseconds = changed * WEEK + random.integer(4, 8) * DAY + random.integer(8 * 3_600_000, 16 * 3_600_000);
  return milliseconds * 1000 + random.integer(0, 999);
}
