"use strict";
/**
 * The language worker of one function app: loads the deployed package's entry, stands in for `@azure/functions-core`, which only the real
 * worker has, and runs invocations for the host, its parent (messages: worker-messages.ts).
 */
const Module = require("node:module");
const path = require("node:path");
const { format } = require("node:util");

const folder = process.argv[2];
const { main } = require(path.join(folder, "package.json"));

/** @type {Map<string, { metadata: object, handler: Function }>} */
const functions = new Map();
const hooks = { appStart: [], appTerminate: [], preInvocation: [], postInvocation: [], log: [] };
const appHookData = {};
let model;
let started = false;
let terminating = false;
/** Invocations that have not ended. */
const running = new Set();

/** Calls back when the message, and every one before it, is on its way. */
const send = (message, done = () => {}) => (process.connected ? process.send(message, done) : done());

function log(level, message, source = {}) {
  send({ kind: "log", level, message, ...source });
}

function Disposable(dispose) {
  this.dispose = dispose;
}

const core = {
  version: "3.9.1",
  hostVersion: "4.1040.0",
  Disposable,
  setProgrammingModel: (given) => {
    model = given;
  },
  getProgrammingModel: () => model,
  registerFunction(metadata, handler) {
    if (started) throw new Error(`Function "${metadata.name}" was registered after the app had started.`);
    const id = metadata.functionId ?? metadata.name;
    if (functions.has(id)) throw new Error(`There are two functions named "${id}".`);
    functions.set(id, { metadata, handler });
    return new Disposable(() => functions.delete(id));
  },
  registerHook(name, callback) {
    if (!hooks[name]) throw new Error(`There is no hook "${name}".`);
    hooks[name].push(callback);
    return new Disposable(() => hooks[name].splice(hooks[name].indexOf(callback), 1));
  },
  log: (level, category, ...args) => log(level, format(...args), { category }),
};

const load = Module._load;
Module._load = function (request, ...rest) {
  return request === "@azure/functions-core" ? core : load.call(this, request, ...rest);
};

async function callHooks(name, context) {
  for (const hook of hooks[name]) await hook(context);
}

async function start() {
  if (typeof main !== "string") throw new Error('package.json has no "main": the app has no entry.');
  const entry = path.resolve(folder, main);
  if (entry.endsWith(".mjs")) await import(entry);
  else require(entry);
  if (!model) throw new Error(`${main} registers nothing through @azure/functions.`);
  await model.getCapabilities({});
  await callHooks("appStart", { hookData: {}, appHookData });
  started = true;
  send({ kind: "ready", functions: [...functions.values()].map(({ metadata }) => metadata) });
}

async function invoke({ invocationId, functionName, inputData, triggerMetadata }) {
  const { metadata, handler } = functions.get(functionName);
  const source = { functionName, invocationId };
  const invocation = {
    invocationId,
    request: { invocationId, inputData, triggerMetadata },
    metadata,
    state: undefined,
    log: (level, category, text) => log(level, text, { category, ...source }),
  };
  const invocationModel = await model.getInvocationModel(invocation);
  const { context, inputs } = await invocationModel.getArguments();
  const hookData = {};

  invocation.state = "preInvocationHooks";
  const before = { hookData, appHookData, invocationContext: context, functionCallback: handler, inputs };
  await callHooks("preInvocation", before);

  invocation.state = "invocation";
  const after = { hookData, appHookData, invocationContext: context, inputs: before.inputs, result: null, error: null };
  try {
    after.result = await invocationModel.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error ?? new Error("The function threw nothing.");
  }

  invocation.state = "postInvocationHooks";
  await callHooks("postInvocation", after);
  invocation.state = undefined;
  if (after.error) throw after.error;
  const { outputData, returnValue } = await invocationModel.getResponse(context, after.result);
  return { outputs: outputData ?? [], returnValue };
}

/**
 * Tells the app and lets it finish what it is doing. On Azure invocations are let run for up to an hour before this call, and the process
 * ends right behind the hooks; a laptop's user waits for neither, so here the app hears of it first, and the host limits the time.
 */
async function terminate() {
  terminating = true;
  await callHooks("appTerminate", { hookData: {}, appHookData }).catch((error) => log("error", textOf(error)));
  await Promise.allSettled(running);
  send({ kind: "log", level: "debug", message: "The worker has ended." }, () => process.exit(0));
}

const textOf = (error) => (error instanceof Error ? (error.stack ?? error.message) : String(error));

async function answer(message) {
  const { invocationId } = message;
  try {
    if (terminating) throw new Error("The app is being stopped.");
    send({ kind: "result", invocationId, ...(await invoke(message)) });
  } catch (error) {
    send({ kind: "failure", invocationId, error: textOf(error) });
  }
}

process.on("message", (message) => {
  if (message.kind === "terminate") {
    void terminate();
    return;
  }
  const answered = answer(message).finally(() => running.delete(answered));
  running.add(answered);
});

// The host decides when the worker ends; Ctrl-C reaches the whole process group. A worker whose host is gone ends at once, as the real one
// does when its channel closes.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit(1));

start().catch((error) => {
  send({ kind: "failed", error: textOf(error) });
});
