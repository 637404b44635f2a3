import type { HostSettings } from "./host-json.ts";
import type { BindingMetadata, FunctionMetadata } from "./worker-messages.ts";

/** A function as the host runs it: settings resolved, bindings checked. */
export interface DeployedHandler {
  readonly name: string;
  readonly trigger: TimerTrigger | QueueTrigger;
  readonly outputs: readonly QueueOutput[];
}

export interface TimerTrigger {
  readonly type: "timerTrigger";
  /** Name of the binding, by which the worker knows the value. */
  readonly name: string;
  /** NCRONTAB, in UTC. */
  readonly schedule: string;
  readonly runOnStartup: boolean;
}

export interface QueueTrigger {
  readonly type: "queueTrigger";
  readonly name: string;
  readonly queueName: string;
  /** Prefix of the app settings that say where the queue is. */
  readonly connection: string;
}

export interface QueueOutput {
  readonly type: "queue";
  readonly name: string;
  readonly queueName: string;
  readonly connection: string;
}

type Settings = Readonly<Record<string, string>>;

/** Checks what a worker registered against what this host can run; throws one error that lists every problem. */
export function readFunctions(
  registered: readonly FunctionMetadata[],
  appSettings: Settings,
  host: HostSettings,
): readonly DeployedHandler[] {
  if (registered.length === 0) {
    throw new Error(
      "The app registered no function. On Azure it would run and do nothing: does the entry in package.json call app.timer(…) or app.storageQueue(…)?",
    );
  }
  const problems: string[] = [];
  const functions = registered.flatMap((metadata) => {
    try {
      return [readFunction(metadata, appSettings, host)];
    } catch (error) {
      problems.push(`function "${metadata.name}": ${(error as Error).message}`);
      return [];
    }
  });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return functions;
}

function readFunction(
  { name, bindings, retryOptions }: FunctionMetadata,
  appSettings: Settings,
  host: HostSettings,
): DeployedHandler {
  if (retryOptions !== undefined) throw new Error("retry policies are not supported by the local host.");
  const triggers = Object.entries(bindings).filter(([, { type }]) => /trigger$/i.test(type));
  const [trigger] = triggers;
  if (!trigger || triggers.length > 1) throw new Error(`it has ${triggers.length} triggers and needs exactly one.`);
  const others = Object.entries(bindings).filter((binding) => binding[0] !== trigger[0]);
  const resolve = (text: unknown) => resolveSettings(text, appSettings);
  return {
    name,
    trigger: readTrigger(trigger, resolve, host),
    outputs: others.map((binding) => readOutput(binding, resolve, host)),
  };
}

type Resolve = (text: unknown) => string;

function readTrigger([name, binding]: [string, BindingMetadata], resolve: Resolve, host: HostSettings) {
  switch (binding.type) {
    case "timerTrigger":
      return {
        type: "timerTrigger" as const,
        name,
        schedule: resolve(binding["schedule"]),
        runOnStartup: binding["runOnStartup"] === true,
      };
    case "queueTrigger":
      requireBundle(host, "queue trigger");
      return { type: "queueTrigger" as const, name, ...queueOf(binding, resolve) };
    default:
      throw new Error(
        `trigger "${binding.type}" is not supported by the local host; timerTrigger and queueTrigger are.`,
      );
  }
}

function readOutput([name, binding]: [string, BindingMetadata], resolve: Resolve, host: HostSettings): QueueOutput {
  if (binding.type !== "queue" || binding.direction !== "out")
    throw new Error(
      `binding "${binding.type}" (${binding.direction}) is not supported by the local host; queue outputs are.`,
    );
  requireBundle(host, "queue output");
  return { type: "queue", name, ...queueOf(binding, resolve) };
}

const queueOf = (binding: BindingMetadata, resolve: Resolve) => ({
  queueName: resolve(binding["queueName"]).toLowerCase(),
  connection: resolve(binding["connection"] ?? "AzureWebJobsStorage"),
});

/** Without the bundle Azure's host knows no such binding: it skips the function, and nothing fails but the work. */
function requireBundle(host: HostSettings, what: string): void {
  if (!host.hasExtensionBundle) {
    throw new Error(
      `its ${what} would never run on Azure, because host.json has no "extensionBundle". Add { "id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)" }.`,
    );
  }
}

/** `%NAME%` stands for the app setting NAME. */
function resolveSettings(text: unknown, appSettings: Settings): string {
  if (typeof text !== "string" || text === "")
    throw new Error("a binding lacks its schedule, queueName or connection.");
  return text.replace(/%([^%]+)%/g, (_, setting: string) => {
    const value = appSettings[setting];
    if (value === undefined) throw new Error(`%${setting}% does not resolve: the app has no setting of that name.`);
    return value;
  });
}
