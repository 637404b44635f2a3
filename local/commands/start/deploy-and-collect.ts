import type { DataFolder } from "../data-folder.ts";
import { aborted } from "../interruption.ts";
import { type ConnectionSetting, consoleVendors, realConnection, simulatedConnection } from "./connections.ts";
import { renderExamples } from "./examples.ts";
import { keepCollecting } from "./keep-collecting.ts";
import { liveReporter } from "./live-reporter.ts";
import type { StartOptions } from "./options.ts";
import { runPass } from "./pass.ts";
import { plainReporter } from "./plain-reporter.ts";
import type { Reporter } from "./reporter.ts";
import { Session } from "./session.ts";
import { streamSwitches } from "./stream-switches.ts";
import { allWell, renderSummary, type Summary } from "./summary.ts";

/** Deploys the connector into a local Azure with its state in `folder`, and collects. Resolves with the exit code. */
export async function deployAndCollect(
  options: StartOptions,
  folder: DataFolder,
  interrupted: AbortSignal,
): Promise<number> {
  const reporter =
    options.json || !process.stdout.isTTY
      ? plainReporter(options.json ? process.stderr : process.stdout)
      : liveReporter();
  await using started = new AsyncDisposableStack();
  started.defer(() => reporter.end());
  const connections = await connect(options, started);
  const session = await deploy(options, connections, reporter, interrupted).catch((error: unknown) => {
    if (!interrupted.aborted) throw error;
  });
  if (!session) return 130;
  started.use(session);
  folder.publish(session.forOperators);

  reporter.collecting(session.targets);
  const deployed = async () => {
    const { resources } = await session.evaluation;
    reporter.deployed(resources);
    folder.publish(session.forOperators);
  };
  const pass = runPass(session, {
    onStream: (summary, finished) => reporter.stream(summary, finished),
    signal: interrupted,
  });
  // A deployment that fails ends the command, whatever has been collected.
  const done = Promise.all([pass, deployed()]);
  const ended = await Promise.race([done, aborted(interrupted)]);
  await reporter.end();
  const [summary] = ended ?? [];
  if (!summary) return options.once ? 130 : 0;
  await show(summary, session, options);
  if (options.once) return allWell(summary) ? 0 : 1;
  await keepCollecting(session, interrupted);
  return 0;
}

/** The consoles that are collected from: given ones, else simulators that live as long as this process. */
async function connect(options: StartOptions, started: AsyncDisposableStack): Promise<readonly ConnectionSetting[]> {
  const connections: ConnectionSetting[] = [];
  for (const vendor of consoleVendors) {
    const switches = streamSwitches(vendor, options.streams);
    if (options.streams && !Object.values(switches).includes(true)) continue;
    const real = options[vendor];
    if (real) {
      connections.push({ ...realConnection(vendor, real), streams: switches });
      continue;
    }
    const { connection, simulator } = await simulatedConnection(vendor, {});
    started.use(simulator);
    connections.push({ ...connection, streams: switches });
  }
  return connections;
}

function deploy(
  options: StartOptions,
  connections: readonly ConnectionSetting[],
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Session> {
  return Session.start({
    stack: "local",
    dataDir: options.data,
    connections,
    settings: { since: options.since },
    signal,
    onResource: (progress) => reporter.resource(progress),
    onError: (message, error) => reporter.note(`${message}: ${error instanceof Error ? error.message : String(error)}`),
  });
}

async function show(summary: Summary, session: Session, { once, json }: StartOptions): Promise<void> {
  if (json) return void process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  console.log(renderSummary(summary));
  if (!once || allWell(summary)) console.log(`\n${await renderExamples((kql) => session.query(kql))}`);
}
