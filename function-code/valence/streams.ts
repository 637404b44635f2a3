import { alerts } from "./alerts.ts";
import { auditLogs } from "./audit-logs.ts";
import type { ValenceProfile } from "./profile.ts";
import type { ValenceStream } from "./valence-stream.ts";

/** Everything that is collected from a Valence tenant. */
export const valenceStreams = (profile: ValenceProfile): readonly ValenceStream[] => [
  alerts(profile),
  auditLogs(profile),
];
