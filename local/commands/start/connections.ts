import { startSentinelOne } from "../../vendors/sentinelone.ts";
import type { Simulator, SimulatorOptions } from "../../vendors/simulator.ts";
import { startValence } from "../../vendors/valence.ts";
import type { RealConsole } from "./options.ts";

/** Vendors that are collected from, and how each is simulated. */
const simulators = { sentinelone: startSentinelOne, valence: startValence } as const;
export type ConsoleVendor = keyof typeof simulators;
export const consoleVendors = Object.keys(simulators) as readonly ConsoleVendor[];

/** One entry of the stack's setting `connections`. */
export interface ConnectionSetting {
  readonly name: string;
  readonly vendor: ConsoleVendor;
  readonly url: string;
  readonly apiToken: string;
  /** Every stream of the vendor, on or off; absent: what is on by default. */
  readonly streams?: Readonly<Record<string, boolean>>;
}

/** A connection to a simulator that is started with it. */
export async function simulatedConnection(
  vendor: ConsoleVendor,
  options: SimulatorOptions,
): Promise<{ connection: ConnectionSetting; simulator: Simulator }> {
  const simulator = await simulators[vendor](options);
  return {
    connection: { name: `${vendor}-simulator`, vendor, url: simulator.url, apiToken: simulator.token },
    simulator,
  };
}

/** A connection to a real console. Its name follows from the address: another console never goes on from this one's checkpoints. */
export function realConnection(vendor: ConsoleVendor, { url, token }: RealConsole): ConnectionSetting {
  const name = `${vendor}-${url.host}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 32)
    .replace(/-+$/, "");
  return { name, vendor, url: url.origin, apiToken: token };
}
