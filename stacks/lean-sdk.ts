import { createRequire } from "node:module";
import type * as pulumi from "@pulumi/pulumi";

/**
 * What the SDK does to be debugged itself costs more than half of the processor time of this many resources, and is never shown: a stack
 * trace, source maps and all, of each of the tens of thousands of promises that it makes; and three messages a resource, whole answers in
 * them, sent to the engine one after the other, which drops them. Errors that say something keep their traces. Only in the process that the
 * engine starts, so that a test's own formatting stays as it is.
 */
if (process.env["PULUMI_NODEJS_MONITOR"] !== undefined) {
  Error.prepareStackTrace = (error, frames) =>
    error.message === "" ? "" : [String(error), ...frames.map(String)].join("\n    at ");
  const log = createRequire(import.meta.url)("@pulumi/pulumi/log") as { debug: typeof pulumi.log.debug };
  log.debug = () => Promise.resolve();
}
