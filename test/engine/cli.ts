import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { servePlugins } from "../../local/azure/engine/plugins.ts";
import { startLocalAzure } from "../../local/azure/local-azure.ts";
import { pulumiEnvironment } from "../../local/commands/local-azure/environment-block.ts";
import { projectName } from "../../local/commands/stack-config.ts";
import { DeploymentSite } from "../fixtures/deployment-site.ts";
import { policyFolder } from "../local/policy/policy-pack.ts";
import { ProgramCopy } from "./program-copy.ts";
import { type Stack, type Steps, type Subject, type Subscription, sorted } from "./subject.ts";

/** The CLI to test with: `PULUMI_BIN`, else the one on the PATH; undefined where there is none. */
export const pulumiBinary = findPulumi();

function findPulumi(): string | undefined {
  const given = process.env["PULUMI_BIN"];
  try {
    const found = given ?? execFileSync("which", ["pulumi"], { encoding: "utf8", stdio: "pipe" }).trim();
    execFileSync(found, ["version"], { stdio: "pipe", env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" } });
    return found;
  } catch {
    if (given) throw new Error(`PULUMI_BIN is "${given}", which does not run.`);
    return undefined;
  }
}

/** The real CLI, its state in a folder of its own, over a whole local Azure. */
export const pulumiCli: Subject = {
  name: "the Pulumi CLI",

  async open(environment): Promise<Subscription> {
    await using started = new AsyncDisposableStack();
    const copy = started.use(new ProgramCopy());
    const home = mkdtempSync(join(tmpdir(), "pulumi-"));
    started.defer(() => rmSync(home, { recursive: true, force: true }));
    const site = new DeploymentSite();
    const { fault } = site;
    const azure = started.use(await startLocalAzure({ timers: "manual", fault, ...(environment && { environment }) }));
    const plugins = started.use(await servePlugins(azure.cloud));
    const cli = new Cli(copy, {
      ...azure.operatorEnvironment,
      ...pulumiEnvironment({
        environment: azure.operatorEnvironment,
        debugProviders: plugins.debugProviders,
        backend: home,
      }),
      PULUMI_HOME: join(home, "home"),
      NO_COLOR: "1",
    });
    const resources = started.move();
    return {
      cloud: azure.cloud,
      copy,
      site,
      async stack(name, settings) {
        const stack = new CliStack(cli, name);
        writeFileSync(stack.configFile, "config: {}\n");
        await cli.run("stack", "init", name);
        await stack.configure(settings);
        return stack;
      },
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  },
};

/** Runs `pulumi` in the folder of a program. */
class Cli {
  readonly copy: ProgramCopy;
  readonly #env: Readonly<Record<string, string>>;

  constructor(copy: ProgramCopy, env: Readonly<Record<string, string>>) {
    this.copy = copy;
    // Node first: whatever lies beside the CLI, programs and dynamic providers run with the one that runs this test.
    const folders = [dirname(process.execPath), dirname(pulumiBinary ?? ""), env["PATH"] ?? ""];
    this.#env = { ...env, PATH: folders.join(":") };
  }

  /** Resolves with what was written to stdout; rejects with all that was written. */
  run(...args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile(
        pulumiBinary ?? "pulumi",
        [...args, "--non-interactive"],
        { cwd: this.copy.folder, env: this.#env, maxBuffer: 512 * 1024 * 1024 },
        (error, stdout, stderr) => {
          if (error) reject(new Error(`pulumi ${args.join(" ")} failed\n${stderr}\n${diagnostics(stdout)}`));
          else resolve(stdout);
        },
      );
    });
  }

  /** Runs an operation to its end and tells what it did. */
  async steps(...args: readonly string[]): Promise<Steps> {
    return stepsOf(events(await this.run(...args, "--json")));
  }
}

class CliStack implements Stack {
  readonly name: string;
  readonly #cli: Cli;

  constructor(cli: Cli, name: string) {
    this.#cli = cli;
    this.name = name;
  }

  get configFile(): string {
    return this.#cli.copy.path(`stacks/Pulumi.${this.name}.yaml`);
  }

  async configure(settings: { readonly connections?: readonly { readonly apiToken?: string }[] }): Promise<void> {
    const { connections = [], ...others } = settings;
    const open = { ...others, connections: connections.map((connection) => ({ ...connection, apiToken: undefined })) };
    const qualify = (key: string) => (key.includes(":") ? key : `${projectName()}:${key}`);
    const config = Object.fromEntries(Object.entries(open).map(([key, value]) => [qualify(key), value]));
    // The salt belongs to the secrets in the state as well.
    const { encryptionsalt } = parse(readFileSync(this.configFile, "utf8")) as { readonly encryptionsalt?: string };
    writeFileSync(this.configFile, stringify({ ...(encryptionsalt && { encryptionsalt }), config }));
    for (const [index, { apiToken }] of connections.entries()) {
      if (apiToken === undefined) continue;
      await this.#run("config", "set", "--secret", "--path", `connections[${index}].apiToken`, apiToken);
    }
  }

  async preview(): Promise<Steps> {
    const digest = JSON.parse(await this.#run("preview", "--json")) as { steps?: readonly Step[] };
    return stepNames(digest.steps ?? []);
  }

  async previewUnderPolicies(): Promise<void> {
    // The JSON of a preview tells nothing of policies (pkg/backend/display/json.go).
    await this.#run("preview", "--suppress-outputs", "--policy-pack", policyFolder);
  }

  up(): Promise<Steps> {
    return this.#cli.steps("up", "--yes", "--skip-preview", "--stack", this.name);
  }

  refresh(): Promise<Steps> {
    return this.#cli.steps("refresh", "--yes", "--skip-preview", "--stack", this.name);
  }

  async unprotect(): Promise<void> {
    await this.#run("state", "unprotect", "--all", "--yes");
  }

  destroy(): Promise<Steps> {
    return this.#cli.steps("destroy", "--yes", "--skip-preview", "--stack", this.name);
  }

  async rename(name: string): Promise<Stack> {
    await this.#run("stack", "rename", name);
    return new CliStack(this.#cli, name);
  }

  exported(): Promise<string> {
    return this.#run("stack", "export");
  }

  #run(...args: readonly string[]): Promise<string> {
    return this.#cli.run(...args, "--stack", this.name);
  }
}

interface Step {
  readonly op: string;
  readonly urn: string;
}

/** One line of `--json`, as far as it is read here. Source: pulumi, sdk/go/common/apitype/events.go */
interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: Step };
  readonly resOutputsEvent?: { readonly metadata: Step };
  readonly diagnosticEvent?: { readonly severity: string; readonly message: string };
}

function events(stdout: string): readonly EngineEvent[] {
  return stdout.split("\n").flatMap((line) => {
    try {
      return line.startsWith("{") ? [JSON.parse(line) as EngineEvent] : [];
    } catch {
      return [];
    }
  });
}

/** A refresh is told apart only by what it found: the outputs' event bears that as its operation. */
function stepsOf(all: readonly EngineEvent[]): Steps {
  const planned = all.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
  const found = all.flatMap(({ resOutputsEvent }) => resOutputsEvent?.metadata ?? []);
  return stepNames([...planned, ...found]);
}

/** Operations that say what happens to a resource; a replacement is several, and told as one. */
const operations: Readonly<Record<string, string>> = {
  create: "create",
  update: "update",
  delete: "delete",
  import: "import",
  "import-replacement": "import",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
};

function stepNames(steps: readonly Step[]): Steps {
  return sorted(
    steps.flatMap(({ op, urn }) => {
      const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
      const told = /^(azure-native|random|pulumi-nodejs):/.test(type) && operations[op];
      return told ? [`${told} ${urn.split("::").at(-1)}`] : [];
    }),
  );
}

/** What went wrong, out of the events. */
function diagnostics(stdout: string): string {
  const told = events(stdout).flatMap(({ diagnosticEvent }) => diagnosticEvent ?? []);
  const errors = told.filter(({ severity }) => severity === "error" || severity === "info#err");
  return errors.length > 0 ? errors.map(({ message }) => message).join("\n") : stdout.slice(-4000);
}
