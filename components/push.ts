import * as pulumi from "@pulumi/pulumi";
import type { Stream } from "../kql/catalog.ts";
import { assignRole } from "./roles.ts";
import type { Streams } from "./streams.ts";

/** A Valence tenant that delivers by itself instead of being collected from. */
export interface Pusher {
  /** Name of the connection in stack config. */
  readonly name: string;
  /** Object id of the service principal that it signs in with. */
  readonly principalId: string;
  /** Client id of that principal's application, for the form alone. */
  readonly clientId?: string;
}

export interface PushArgs {
  readonly pushers: readonly Pusher[];
  readonly catalog: readonly Stream[];
  readonly streams: Streams;
  /** Directory that the stack's subscription belongs to. */
  readonly tenantId: pulumi.Output<string>;
}

/** What Valence asks for under Settings, Configuration, SIEM Integration, Microsoft Sentinel; but for the client's secret, which is its owner's. */
export interface PushForm {
  readonly tenantId: string;
  readonly clientId?: string;
  readonly dceUri: string;
  readonly dcrImmutableId: string;
  readonly alertsStreamName: string;
  readonly auditLogsStreamName: string;
}

/** Lets those who push write to the rule of Valence's streams, and to no other, and says what to fill in at Valence. */
export class Push extends pulumi.ComponentResource {
  /** By the connection's name. */
  readonly forms: Readonly<Record<string, pulumi.Output<PushForm>>>;

  constructor(name: string, args: PushArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Push", name, {}, opts);
    const { streams, tenantId } = args;
    const alerts = pushedStream(args.catalog, "alerts");
    const auditLogs = pushedStream(args.catalog, "audit-logs");
    const key = `${alerts.vendor}-${alerts.rule}`;
    const rule = streams.rules.find((candidate) => candidate.key === key);
    // Valence's form has room for one rule.
    if (!rule || auditLogs.rule !== alerts.rule)
      throw new Error(`No rule carries both ${alerts.id} and ${auditLogs.id}.`);
    for (const { name: pusher, principalId } of args.pushers) {
      // Without it the ingestion API answers 403 to whatever Valence pushes.
      assignRole(
        `${name}-${pusher}-sender`,
        { role: "monitoringMetricsPublisher", scope: rule.resourceId, principalId },
        { parent: this },
      );
    }
    this.forms = Object.fromEntries(
      args.pushers.map(({ name: pusher, clientId }) => [
        pusher,
        pulumi.output({
          tenantId,
          ...(clientId === undefined ? {} : { clientId }),
          dceUri: streams.endpoint,
          dcrImmutableId: rule.immutableId,
          alertsStreamName: alerts.stream,
          auditLogsStreamName: auditLogs.stream,
        }),
      ]),
    );
    this.registerOutputs({ forms: this.forms });
  }
}

function pushedStream(catalog: readonly Stream[], name: string): Stream {
  const stream = catalog.find((candidate) => candidate.vendor === "valence" && candidate.name === name);
  if (!stream) throw new Error(`There is no stream "${name}" of Valence to push into.`);
  return stream;
}
