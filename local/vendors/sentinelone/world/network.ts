import { Random } from "../../random.ts";
import { DAY, HOUR, MINUTE, WEEK } from "../../time.ts";
import type { Fleet, Site } from "./fleet.ts";
import { objectId, spread } from "./identifiers.ts";

/** Something in a site's network that agents see. */
export interface Device {
  readonly id: string;
  readonly site: Site;
  readonly kind: DeviceKind;
  readonly name: string;
  readonly mac: string;
  /** First three numbers of its address. */
  readonly subnet: string;
  readonly seed: number;
  /** Epoch milliseconds. */
  readonly firstSeen: number;
  /** It is seen once in so many milliseconds. */
  readonly every: number;
}

export interface DeviceKind {
  readonly type: string;
  readonly function: string;
  readonly osType: string;
  readonly osName: string;
  readonly manufacturer: string;
  readonly managedState: "unsecured" | "unsupported" | "unknown";
}

const KINDS: readonly DeviceKind[] = [
  kind("Workstation", "Workstation", "windows", "Windows 10", "Fjord Computers", "unsecured"),
  kind("Workstation", "Workstation", "windows", "Windows 11", "Fjord Computers", "unsecured"),
  kind("Server", "Server", "linux", "Linux", "Northrack, Inc.", "unsecured"),
  kind("Printer", "Printer", "unknown", "", "Inkwell KK", "unsupported"),
  kind("Camera", "IoT", "unknown", "", "Lynx Optics", "unsupported"),
  kind("Unknown", "Unknown", "unknown", "", "", "unknown"),
];

const PER_SITE = 60;

/** Devices of all sites' networks. An address changes every week or so, as leases end. */
export class Network {
  readonly #devices: readonly Device[];

  constructor(seed: number, scale: number, beginning: number, fleet: Fleet) {
    const count = Math.max(6, Math.round(PER_SITE * scale));
    this.#devices = fleet.sites.flatMap((site) =>
      Array.from({ length: count }, (_, index) => inventDevice(seed, beginning, site, index)),
    );
  }

  /** All that were seen until `now`. */
  seen(now: number): readonly Device[] {
    return this.#devices.filter(({ firstSeen }) => firstSeen <= now);
  }
}

/** Epoch microseconds: when a device was last seen. */
export function lastSeen({ firstSeen, every }: Device, now: number): number {
  return (firstSeen + Math.floor((now - firstSeen) / every) * every) * 1000;
}

/** The address that a device had when it was last seen. */
export function addressOf(device: Device, now: number): string {
  const lease = Math.floor(lastSeen(device, now) / 1000 / WEEK);
  return `${device.subnet}.${new Random(device.seed, lease).integer(2, 250)}`;
}

function inventDevice(seed: number, beginning: number, site: Site, index: number): Device {
  const random = new Random(seed, "device", site.index, index);
  // Some turn up while the simulator runs, the first of each site are old.
  const firstSeen = beginning + (index < 3 ? 0 : random.integer(0, 30 * DAY));
  return {
    id: objectId(firstSeen * 1000, spread(site.index * 10_000 + index)),
    site,
    kind: KINDS[index % KINDS.length] as DeviceKind,
    name: `${site.name.slice(0, 3).toUpperCase()}-DEV-${index}`,
    mac: (random.hex(12).match(/../g) ?? []).join(":"),
    subnet: `10.${site.index + 20}.${index % 4}`,
    seed: random.integer(0, 1_000_000),
    firstSeen,
    every: random.integer(20 * MINUTE, 9 * HOUR),
  };
}

function kind(
  type: string,
  use: string,
  osType: string,
  osName: string,
  manufacturer: string,
  managedState: DeviceKind["managedState"],
): DeviceKind {
  return { type, function: use, osType, osName, manufacturer, managedState };
}
