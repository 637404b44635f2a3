import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Server, ServerCredentials, type ServerUnaryCall, type UntypedServiceImplementation } from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import monitorService from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import monitorMessages from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { parse } from "yaml";
import type { Answering, Program, RunOptions } from "../../../../local/azure/evaluator/run-program.ts";

export interface HostOptions extends RunOptions {
  /** Environment of the program, besides `PATH`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments for its Node, besides those of the project. */
  readonly nodeArguments?: readonly string[];
}

/** A method of a monitor as the in-process evaluator has it too. */
type Method = (request: unknown, callback: (error: Error | null, response: unknown) => void) => void;

const sdk = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run");

/**
 * Runs a program as the CLI's language host does (pulumi, sdk/nodejs/cmd/pulumi-language-nodejs/main.go at 3.260): in a process of its own,
 * by the SDK's own `cmd/run`, which asks the monitor over gRPC. Rejects with the first error of a call or with what the program logged.
 */
export async function runByLanguageHost(
  program: Program,
  createMonitor: (answering: Answering) => object,
  { preview = false, env = {}, nodeArguments = [] }: HostOptions = {},
): Promise<void> {
  const failed = Promise.withResolvers<never>();
  const errors: string[] = [];
  const monitor = createMonitor((work, answer) => void work.then(answer, failed.reject));
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(monitorService.ResourceMonitorService, monitorMethods(monitor as Readonly<Record<string, Method>>));
  server.addService(engineService.EngineService, engineMethods(errors));
  const address = await listen(server);
  const { entry, project, stack, config, secretKeys } = program;
  const folder = dirname(entry);
  const root = dirname(folder);
  const child = spawn(
    process.execPath,
    [
      ...projectArguments(root),
      ...nodeArguments,
      sdk,
      ...flags({ monitor: address, engine: address, organization: "organization", project, stack, pwd: folder }),
      ...flags({ "root-directory": root, parallel: "16" }),
      ...(preview ? ["--dry-run"] : []),
      basename(entry),
    ],
    {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        PATH: process.env["PATH"] ?? "",
        PULUMI_CONFIG: JSON.stringify(inOldForm(config)),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
        ...env,
      },
    },
  );
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(errors.join("\n") || `The program ended with ${String(code)}.`)),
    );
  });
  try {
    await Promise.race([ended, failed.promise]);
  } finally {
    child.kill("SIGKILL");
    server.forceShutdown();
  }
}

/** Programs are still shown `<project>:config:<name>`, as old versions of the SDK know them. */
const inOldForm = (config: Program["config"]) =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace(":", ":config:"), value]));

/** `nodeargs` of the project, which the CLI gives to Node in the folder of the program, here without quotes. */
function projectArguments(root: string): readonly string[] {
  const { runtime } = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as {
    readonly runtime: { readonly options: { readonly nodeargs?: string } };
  };
  return runtime.options.nodeargs?.split(" ") ?? [];
}

const flags = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);

/** What the CLI's monitor can do at 3.260. */
const features: ReadonlySet<string> = new Set([
  "secrets",
  "resourceReferences",
  "outputValues",
  "aliasSpecs",
  "replacementTrigger",
  "deletedWith",
  "replaceWith",
  "transforms",
  "invokeTransforms",
  "parameterization",
  "resourceHooks",
  "errorHooks",
  "sendsOptionsToHooks",
]);

function monitorMethods(monitor: Readonly<Record<string, Method>>): UntypedServiceImplementation {
  const served = Object.entries(monitor).map(([name, method]) => [
    name,
    (call: ServerUnaryCall<unknown, unknown>, respond: (error: Error | null, response: unknown) => void) =>
      method(call.request, (error, response) => respond(error, name === outputs ? new empty.Empty() : response)),
  ]);
  return {
    ...(Object.fromEntries(served) as UntypedServiceImplementation),
    supportsFeature: answer((request: monitorMessages.SupportsFeatureRequest) =>
      new monitorMessages.SupportsFeatureResponse().setHassupport(features.has(request.getId())),
    ),
    signalAndWaitForShutdown: answer(() => new empty.Empty()),
  };
}

const outputs = "registerResourceOutputs";

function engineMethods(errors: string[]): UntypedServiceImplementation {
  return {
    log: answer((request: engineMessages.LogRequest) => {
      if (request.getSeverity() === engineMessages.LogSeverity.ERROR) errors.push(request.getMessage());
      return new empty.Empty();
    }),
    getRootResource: answer(() => new engineMessages.GetRootResourceResponse()),
    setRootResource: answer(() => new engineMessages.SetRootResourceResponse()),
    requirePulumiVersion: answer(() => new engineMessages.RequirePulumiVersionResponse()),
  };
}

const answer =
  <Request>(method: (request: Request) => object) =>
  (call: ServerUnaryCall<Request, object>, respond: (error: null, response: object) => void) =>
    respond(null, method(call.request));

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(`127.0.0.1:${port}`),
    );
  });
}
