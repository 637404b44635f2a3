import { epochTicks } from "../../kql/types.ts";

/** A point in time as the workspace keeps it: ticks of 100 ns since year 1, from epoch milliseconds. */
export function ticksOf(milliseconds: number): bigint {
  return epochTicks + BigInt(Math.trunc(milliseconds)) * 10_000n;
}
