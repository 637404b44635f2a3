import { pulumiBinary, pulumiCli } from "./cli.ts";
import { rehearse } from "./rehearsal.ts";
import type { Subject } from "./subject.ts";

if (!pulumiBinary) {
  console.warn(
    "SKIPPED: there is no Pulumi CLI on the PATH or in PULUMI_BIN. What follows is a rehearsal under a double of its engine.",
  );
}

/** All that the tests can run under here. */
export const subjects: readonly Subject[] = pulumiBinary ? [rehearse(), pulumiCli] : [rehearse()];
