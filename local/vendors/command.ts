import { Command, InvalidArgumentError } from "commander";
import type { Simulator, SimulatorOptions } from "./simulator.ts";

/** `node local/vendors/<vendor>.ts --port N --seed S --scale X`: serves until it is interrupted. */
export async function serveAlone(
  vendor: string,
  start: (options: SimulatorOptions) => Promise<Simulator>,
): Promise<void> {
  const options = new Command(`node local/vendors/${vendor}.ts`)
    .description(`Serves a simulated ${vendor} tenant on 127.0.0.1 until it is interrupted.`)
    .option("--port <n>", "port to listen on; 0 picks a free one", integer(0, 65_535), 0)
    .option("--seed <n>", "same seed, same data", integer(0, Number.MAX_SAFE_INTEGER), 1)
    .option("--scale <x>", "size of the data; 1 is thousands of rows per feed", positive, 1)
    .parse()
    .opts<{ port: number; seed: number; scale: number }>();
  const simulator = await start(options);
  process.stdout.write(`url    ${simulator.url}\ntoken  ${simulator.token}\n`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void simulator.close());
}

const integer = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
};

const positive = (text: string) => {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Give a number above 0.");
};
