import { randomUUID } from "node:crypto";
import type { DeployedSite, LocalCloud } from "../cloud.ts";
import type { ManagedIdentityEndpoint } from "../identity/managed-identity.ts";
import type { TokenAuthority } from "../identity/tokens.ts";
import { childEnvironment, redirectArguments } from "../network/child-environment.ts";
import type { Front } from "../network/front.ts";
import { frontAgent } from "../network/front-agent.ts";
import { FunctionApp, type FunctionLog } from "./function-app.ts";
import type { FunctionMetadata } from "./worker-messages.ts";

export interface FunctionsHostOptions {
  readonly authority: TokenAuthority;
  readonly identity: Pick<ManagedIdentityEndpoint, "endpoint" | "headerFor">;
  readonly front: Front;
  /** PEM file of the certificate that the apps trust. */
  readonly caFile: string;
  /** Hosts outside the local Azure that the apps may reach, `host` or `host:port`. @default none */
  readonly allowedHosts?: readonly string[];
  /** Whether timers fire on their schedule, or only through `runTimer`. @default "scheduled" */
  readonly timers?: "scheduled" | "manual";
  /** Whether apps wait for `release` before anything triggers them: while a stack is evaluated their settings are about to change. @default false */
  readonly held?: boolean;
}

/** Runs the deployed function apps, each in a Node process of its own. Apps are named by their site's name. */
export interface FunctionsHost extends AsyncDisposable {
  /** Starts an unpacked package in place of what the site ran before; rejects with what is wrong with it, and leaves the old one running. */
  deploy(site: DeployedSite, folder: string): Promise<void>;
  /** Functions of the running package, with their bindings; none where nothing runs. */
  functions(app: string): readonly FunctionMetadata[];
  /** What the running package's `package.json` says its version is; undefined where nothing runs, or it does not say. */
  packageVersion(app: string): string | undefined;
  /**
   * Makes an unpacked package what the site runs even if it does not start now: it is tried again when the site changes, and at `release`.
   * Rejects with why it does not start.
   */
  restore(site: DeployedSite, folder: string): Promise<void>;
  /** Lets the triggers of held apps fire, now and from now on. */
  release(): void;
  /** Runs a timer function now, as `POST /admin/functions/<name>` does; rejects with the function's error. */
  runTimer(app: string, functionName: string): Promise<void>;
  /** Resolves when no function runs and every queue that triggers one is empty; rejects where a queue cannot be read. */
  whenIdle(): Promise<void>;
  /** Sends a signal to an app's worker. One that dies is started again. */
  kill(app: string, signal: NodeJS.Signals): void;
  /** Called whenever an app has begun to run a package; returns a function that ends the subscription. */
  onRun(listener: () => void): () => void;
  /** Returns a function that ends the subscription. */
  onLog(listener: (entry: FunctionLog) => void): () => void;
  /**
   * Ends all apps: their `appTerminate` hooks are called, and what runs gets so long to finish; messages that were not finished return to
   * their queue. @default 30 s
   */
  stop(graceMilliseconds?: number): Promise<void>;
}

const graceDefault = 30_000;

/** Apps run as their sites say at that moment: one that changes is started again with its new settings, one that is deleted ends. */
export function createFunctionsHost(
  cloud: Pick<LocalCloud, "deployed" | "state">,
  options: FunctionsHostOptions,
): FunctionsHost {
  const { authority, identity, front, caFile, allowedHosts = [], timers = "scheduled" } = options;
  const agent = frontAgent(front);
  const instanceId = randomUUID();
  const apps = new Map<string, FunctionApp>();
  /** What each site is to run, and the settings with which that was last tried. */
  const code = new Map<string, { readonly site: DeployedSite; readonly folder: string }>();
  const listeners = new Set<(entry: FunctionLog) => void>();
  const onRunListeners = new Set<() => void>();
  /** What happens to an app happens one after the other. */
  const turns = new Map<string, Promise<void>>();
  let stopped = false;
  let held = options.held ?? false;

  const log = (entry: FunctionLog) => {
    for (const listener of listeners) listener(entry);
  };

  function inTurn(app: string, action: () => Promise<void>): Promise<void> {
    const turn = (turns.get(app) ?? Promise.resolve()).then(action);
    turns.set(
      app,
      turn.catch(() => {}),
    );
    return turn;
  }

  async function run(site: DeployedSite, folder: string): Promise<void> {
    if (stopped) throw new Error("The Functions host is stopped.");
    const next = await FunctionApp.load({
      site,
      folder,
      cloud,
      authority,
      agent,
      environment: environmentOf(site, folder),
      nodeArguments: redirectArguments,
      timers,
      log,
    });
    await apps.get(site.name)?.stop(graceDefault);
    apps.set(site.name, next);
    if (!held) next.start();
    for (const listener of onRunListeners) listener();
  }

  function environmentOf(site: DeployedSite, folder: string): Record<string, string> {
    return {
      ...site.appSettings,
      AzureWebJobsScriptRoot: folder,
      FUNCTIONS_EXTENSION_VERSION: "~4",
      FUNCTIONS_WORKER_RUNTIME: "node",
      WEBSITE_SITE_NAME: site.name,
      WEBSITE_INSTANCE_ID: instanceId,
      ...childEnvironment({
        front,
        caFile,
        identity: { endpoint: identity.endpoint, header: identity.headerFor(site.id) },
        allowedHosts,
      }),
    };
  }

  function tryAgain({ site, folder }: { site: DeployedSite; folder: string }): Promise<void> {
    return run(site, folder).catch((error: Error) =>
      log({ app: site.name, level: "error", message: `The app was not started: ${error.message}` }),
    );
  }

  // A change of settings or identities restarts the app, and a deleted app ends.
  const stopWatching = cloud.state.onChange((id) => {
    const [name] = [...code].find(([, { site }]) => sameId(site.id, id)) ?? [];
    if (name === undefined) return;
    void inTurn(name, async () => {
      const known = code.get(name);
      const site = cloud.deployed.sites().find((candidate) => sameId(candidate.id, id));
      if (!known || stopped || JSON.stringify(site) === JSON.stringify(known.site)) return;
      if (site) {
        code.set(name, { site, folder: known.folder });
        await tryAgain({ site, folder: known.folder });
      } else {
        code.delete(name);
        await apps.get(name)?.stop(graceDefault);
        apps.delete(name);
      }
    });
  });

  function running(name: string): FunctionApp {
    const app = apps.get(name);
    if (!app) throw new Error(`No function app "${name}" runs. Running: ${[...apps.keys()].join(", ") || "none"}.`);
    return app;
  }

  async function stop(graceMilliseconds = graceDefault): Promise<void> {
    stopped = true;
    stopWatching();
    await Promise.all(turns.values());
    await Promise.all([...apps.values()].map((app) => app.stop(graceMilliseconds)));
    apps.clear();
    agent.destroy();
  }

  return {
    deploy: (site, folder) =>
      inTurn(site.name, async () => {
        await run(site, folder);
        code.set(site.name, { site, folder });
      }),
    restore(site, folder) {
      code.set(site.name, { site, folder });
      return inTurn(site.name, () => run(site, folder));
    },
    functions: (name) => apps.get(name)?.functions ?? [],
    packageVersion: (name) => apps.get(name)?.packageVersion,
    release() {
      if (!held) return;
      held = false;
      for (const app of apps.values()) app.start();
      for (const [name, what] of code) {
        if (!apps.has(name)) void inTurn(name, () => tryAgain(what));
      }
    },
    async runTimer(name, functionName) {
      await turns.get(name);
      await running(name).runTimer(functionName);
    },
    async whenIdle() {
      await Promise.all(turns.values());
      await Promise.all([...apps.values()].map((app) => app.whenIdle()));
    },
    kill: (name, signal) => running(name).kill(signal),
    onRun(listener) {
      onRunListeners.add(listener);
      return () => onRunListeners.delete(listener);
    },
    onLog(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}

const sameId = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
