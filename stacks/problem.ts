import { RunError } from "@pulumi/pulumi/errors.js";

/** One thing that is wrong with the stack's config, in the operator's words. */
export interface Problem {
  /** Path of the setting, e.g. `connections[0].url`. */
  readonly setting: string;
  /** The value that was given, as text; never that of a secret. */
  readonly given: string;
  /** What is allowed instead. */
  readonly allowed: string;
  /** What to do. */
  readonly fix: string;
}

/** All that is wrong with the settings of a stack, told at once and before any resource exists. The CLI shows it as it is, without a stack trace. */
export class SettingsError extends RunError {
  override readonly name = "SettingsError";
  readonly problems: readonly Problem[];

  constructor(stack: string, problems: readonly Problem[]) {
    const one = problems.length === 1;
    const list = problems.map(
      ({ setting, given, allowed, fix }) => `  ${setting}: ${given}\n    allowed: ${allowed}\n    fix:     ${fix}`,
    );
    super(
      `${problems.length} setting${one ? "" : "s"} of stack "${stack}" ${one ? "is" : "are"} wrong.\n${list.join("\n")}`,
    );
    this.problems = problems;
  }
}
