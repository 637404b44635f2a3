import { Random } from "../../random.ts";
import { DAY, HOUR, MINUTE } from "../../time.ts";
import type { Agent, Fleet } from "./fleet.ts";
import { objectId, spread } from "./identifiers.ts";

/** Something that was plugged into a machine, as its agent tells. */
export interface PeripheralEvent {
  readonly id: string;
  readonly agent: Agent;
  /** Epoch microseconds, by the machine's own clock. */
  readonly eventTime: number;
  /** Epoch microseconds, by the console's clock: when the agent could tell. */
  readonly createdAt: number;
  readonly eventType: "connected" | "disconnected" | "blocked";
  readonly peripheral: Peripheral;
  readonly serial: string;
  readonly number: number;
}

export interface Peripheral {
  readonly name: string;
  readonly interface: "USB" | "Bluetooth" | "Thunderbolt" | "SDCard";
  readonly deviceClass: string;
  readonly vendorId: string;
  readonly productId: string;
}

const PERIPHERALS: readonly Peripheral[] = [
  { name: "Fjord Stick 64", interface: "USB", deviceClass: "08h", vendorId: "1F0D", productId: "6401" },
  { name: "Fjord Stick 128", interface: "USB", deviceClass: "08h", vendorId: "1F0D", productId: "6402" },
  { name: "Corvid Keyboard", interface: "USB", deviceClass: "03h", vendorId: "2C0A", productId: "0007" },
  { name: "Aino's headset", interface: "Bluetooth", deviceClass: "04", vendorId: "33E1", productId: "1102" },
  { name: "Northrack Dock", interface: "Thunderbolt", deviceClass: "09h", vendorId: "4A11", productId: "0D0C" },
  { name: "SD card", interface: "SDCard", deviceClass: "06", vendorId: "51CD", productId: "0001" },
];

const PER_HOUR = 120 / 24;

/** All events of peripherals, invented hour by hour of absolute time, by the machines' clocks. One in ten is told a day or more late. */
export class Peripherals {
  readonly #seed: number;
  readonly #scale: number;
  readonly #fleet: Fleet;
  readonly #events: PeripheralEvent[] = [];
  #nextHour: number;

  constructor(seed: number, scale: number, beginning: number, fleet: Fleet) {
    this.#seed = seed;
    this.#scale = scale;
    this.#fleet = fleet;
    this.#nextHour = Math.floor(beginning / HOUR);
  }

  /** Every event that happened until `now`; the console may not have heard of it. */
  until(now: number): readonly PeripheralEvent[] {
    for (; this.#nextHour <= now / HOUR; this.#nextHour++) this.#invent(this.#nextHour);
    return this.#events;
  }

  #invent(hour: number): void {
    const random = new Random(this.#seed, "peripherals", hour);
    const count = random.count(PER_HOUR * this.#scale);
    for (let ordinal = 0; ordinal < count; ordinal++) {
      this.#events.push(this.#event(new Random(this.#seed, "peripheral", hour, ordinal), hour, ordinal));
    }
  }

  #event(random: Random, hour: number, ordinal: number): PeripheralEvent {
    const eventTime = Math.floor((hour + random.unit()) * HOUR) * 1000 + random.integer(0, 999);
    const delay = random.chance(0.1) ? random.integer(DAY, 5 * DAY) : random.integer(500, MINUTE);
    const createdAt = eventTime + delay * 1000;
    return {
      id: objectId(createdAt, spread((hour % 1000) * 100 + ordinal)),
      agent: this.#fleet.agent(random.pick(this.#fleet.slots), eventTime / 1000),
      eventTime,
      createdAt,
      eventType: random.pick(["connected", "connected", "disconnected", "blocked"] as const),
      peripheral: random.pick(PERIPHERALS),
      serial: random.hex(12).toUpperCase(),
      number: random.integer(1, 9000),
    };
  }
}
