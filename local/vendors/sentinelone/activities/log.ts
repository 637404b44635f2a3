import { Random } from "../../random.ts";
import { HOUR, MINUTE } from "../../time.ts";
import type { Alert } from "../world/alert-book.ts";
import type { Agent, ConsoleUser, Fleet } from "../world/fleet.ts";
import { spread } from "../world/identifiers.ts";
import type { Threat, ThreatStep } from "../world/threat-book.ts";
import type { World } from "../world/world.ts";
import { ACTIVITY_KINDS, activityKind } from "./catalog.ts";
import { activityOf } from "./detections.ts";
import type { ActivityKind } from "./kind.ts";

/** One activity, as little of it as filters need; the record is written when it is asked for. */
export interface Activity {
  /** `createdAt`, epoch microseconds. */
  readonly at: number;
  /** Tells ids of one millisecond apart; see `objectId`. */
  readonly low: number;
  /** When the console shows it, epoch milliseconds: seconds later as a rule, minutes or hours now and then. */
  readonly shownAt: number;
  readonly kind: ActivityKind;
  readonly agent: Agent;
  readonly user: ConsoleUser;
  readonly hour: number;
  readonly ordinal: number;
  readonly threat?: Threat;
  readonly step?: ThreatStep;
  readonly alert?: Alert;
}

/** Somebody selects many machines and acts on them at once. */
const BULK_EVERY_HOURS = 5;

/** The activity log, invented hour by hour of absolute time, and only the hours that are asked for. */
export class ActivityLog {
  readonly #world: World;
  readonly #hours = new Map<number, readonly Activity[]>();
  #last: { from: number; to: number; rows: readonly Activity[] } = { from: 0, to: -1, rows: [] };

  constructor(world: World) {
    this.#world = world;
  }

  /** Activities of these hours, both included, by time and id; those of the future among them. */
  between(fromHour: number, toHour: number): readonly Activity[] {
    if (this.#last.from === fromHour && this.#last.to === toHour) return this.#last.rows;
    const rows: Activity[] = [];
    for (let hour = fromHour; hour <= toHour; hour++) for (const activity of this.in(hour)) rows.push(activity);
    this.#last = { from: fromHour, to: toHour, rows };
    return rows;
  }

  /** Activities of one hour, by time and id. */
  in(hour: number): readonly Activity[] {
    const known = this.#hours.get(hour);
    if (known) return known;
    const activities = new Hour(this.#world, hour).activities();
    this.#hours.set(hour, activities);
    return activities;
  }
}

type Happening = Pick<Activity, "at" | "kind"> & Partial<Activity>;

class Hour {
  readonly #hour: number;
  readonly #world: World;
  readonly #fleet: Fleet;
  readonly #random: Random;

  constructor(world: World, hour: number) {
    this.#hour = hour;
    this.#world = world;
    this.#fleet = world.fleet;
    this.#random = new Random(world.seed, "activities", hour);
  }

  activities(): readonly Activity[] {
    const happenings = [...this.#daily(), ...this.#bulk(), ...this.#ofThreats(), ...this.#ofAlerts()];
    return happenings
      .map((happening, ordinal) => this.#activity(happening, ordinal))
      .sort((a, b) => a.at - b.at || a.low - b.low);
  }

  *#daily(): Generator<Happening> {
    const busy = rhythm(this.#hour) * this.#world.scale;
    for (const kind of ACTIVITY_KINDS) {
      for (let count = this.#random.count((kind.perDay / 24) * busy); count > 0; count--) {
        yield { kind, at: this.#hour * HOUR * 1000 + Math.floor(this.#random.unit() * HOUR * 1000) };
      }
    }
  }

  *#bulk(): Generator<Happening> {
    if (this.#hour % BULK_EVERY_HOURS !== 0) return;
    const at = this.#hour * HOUR * 1000 + Math.floor(this.#random.unit() * (HOUR - MINUTE) * 1000);
    const kind = activityKind(this.#random.pick([71, 65, 5009]));
    const user = this.#random.pick(this.#fleet.users);
    const count = 5 + this.#random.count(45 * this.#world.scale);
    for (let machine = 0; machine < count; machine++) yield { kind, user, at };
  }

  *#ofThreats(): Generator<Happening> {
    for (const [threat, step] of this.#world.threats.stepsIn(this.#hour)) {
      const at = step.shownAt * 1000 + this.#random.integer(0, 999);
      const happening = { at, threat, step, agent: threat.agent, ...(step.actor ? { user: step.actor } : {}) };
      yield { kind: activityKind(activityOf(threat, step)), ...happening };
      if (step.event === "quarantined") yield { kind: activityKind(18), ...happening };
    }
  }

  *#ofAlerts(): Generator<Happening> {
    const end = (this.#hour + 1) * HOUR * 1000;
    for (const alert of this.#world.alerts.createdIn(this.#hour)) {
      const at = Math.min(alert.reportedAt + this.#random.integer(2_000, 400_000), end - 1);
      yield { kind: activityKind(alert.rule.platformRule ? 3784 : 3608), at, alert, agent: alert.agent };
    }
  }

  #activity(happening: Happening, ordinal: number): Activity {
    const random = new Random(this.#world.seed, "activity", this.#hour, ordinal);
    const milliseconds = Math.ceil(happening.at / 1000);
    return {
      agent: this.#fleet.agent(random.pick(this.#fleet.slots), milliseconds),
      user: random.pick(this.#fleet.users),
      low: spread(ordinal),
      shownAt: milliseconds + delay(random),
      hour: this.#hour,
      ordinal,
      ...happening,
    };
  }
}

/** People work by day; hours average to 1. */
const rhythm = (hour: number): number => 1 + 0.6 * Math.sin(((hour % 24) - 7) * (Math.PI / 12));

/** How long the console takes to show an activity, in milliseconds. */
function delay(random: Random): number {
  const luck = random.unit();
  if (luck < 0.97) return random.integer(200, 4_000);
  if (luck < 0.996) return random.integer(MINUTE, 8 * MINUTE);
  return random.integer(HOUR, 5 * HOUR);
}
