import { beginningOfHistory } from "../../time.ts";
import { type AgentState, agentState } from "./agent-state.ts";
import { AlertBook } from "./alert-book.ts";
import { type Agent, type Fleet, foundFleet } from "./fleet.ts";
import { Software } from "./software.ts";
import { ThreatBook } from "./threat-book.ts";
import { Vulnerabilities } from "./vulnerabilities.ts";

/** Everything that the console knows, as a function of seed and time; feeds show parts of it. */
export class World {
  readonly seed: number;
  readonly scale: number;
  /** Where the shown history begins, epoch milliseconds. */
  readonly beginning: number;
  readonly fleet: Fleet;
  readonly threats: ThreatBook;
  readonly alerts: AlertBook;
  readonly software: Software;
  readonly vulnerabilities: Vulnerabilities;
  readonly #states = new Map<string, { state: AgentState; from: number; threats: number }>();

  constructor(seed: number, scale: number, now: number) {
    this.seed = seed;
    this.scale = scale;
    this.beginning = beginningOfHistory(now);
    this.fleet = foundFleet(seed, scale);
    this.threats = new ThreatBook(seed, scale, this.beginning, this.fleet);
    this.alerts = new AlertBook(seed, scale, this.beginning, this.fleet);
    this.software = new Software(seed, scale, this.fleet);
    this.vulnerabilities = new Vulnerabilities(seed, this.fleet, this.software);
  }

  /** An agent's state, kept until it changes: a feed asks for the whole fleet with every page. */
  agentState(agent: Agent, now: number): AgentState {
    const changes = this.threats.changesOf(agent, now);
    const known = this.#states.get(agent.id);
    if (known && known.from <= now && now < known.state.until && known.threats === changes.length) return known.state;
    const state = agentState(this.seed, agent, changes, now);
    this.#states.set(agent.id, { state, from: now, threats: changes.length });
    return state;
  }
}
