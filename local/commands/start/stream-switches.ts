import { readStreams } from "../../../kql/catalog.ts";
import type { ConsoleVendor } from "./connections.ts";

/** Every stream of the vendor, on or off: those that were asked for, else those that are on by default. */
export function streamSwitches(
  vendor: ConsoleVendor,
  asked: readonly string[] | undefined,
): Readonly<Record<string, boolean>> {
  return Object.fromEntries(
    readStreams(vendor).map(({ name, id, enabledByDefault }) => [name, asked ? asked.includes(id) : enabledByDefault]),
  );
}
