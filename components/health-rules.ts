import * as securityinsights from "@pulumi/azure-native/securityinsights/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { Stream } from "../kql/catalog.ts";
import { type Expectation, type Rule, withExpectations } from "../kql/catalog-rules.ts";
import type { WorkerConnection } from "./app-settings.ts";
import { deterministicGuid } from "./naming.ts";
import type { Streams } from "./streams.ts";
import type { Workspace } from "./workspace.ts";

export interface HealthRulesArgs {
  readonly workspace: Workspace;
  readonly rules: readonly Rule[];
  readonly catalog: readonly Stream[];
  /** Owner of the tables that the rules read. */
  readonly streams: Streams;
  /** Ids of streams whose tables no rule can read. */
  readonly basicStreams: readonly string[];
  /** What the rules expect to be collected. */
  readonly connections: readonly WorkerConnection[];
}

/** Rules of Microsoft Sentinel that watch over the connector's own health. */
export class HealthRules extends pulumi.ComponentResource {
  constructor(name: string, args: HealthRulesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:HealthRules", name, {}, opts);
    const expectations = expectationsOf(args);
    for (const rule of args.rules) this.createRule(name, rule, expectations, args);
    this.registerOutputs({});
  }

  private createRule(
    name: string,
    rule: Rule,
    expectations: readonly Expectation[],
    { workspace, streams }: HealthRulesArgs,
  ): securityinsights.ScheduledAlertRule {
    return new securityinsights.ScheduledAlertRule(
      `${name}-${rule.id}`,
      {
        resourceGroupName: workspace.resourceGroupName,
        workspaceName: workspace.workspaceName,
        ruleId: deterministicGuid("rule", rule.id),
        kind: "Scheduled",
        displayName: rule.displayName,
        description: rule.description,
        severity: rule.severity,
        enabled: true,
        query: withExpectations(rule.query, expectations),
        queryFrequency: rule.frequency,
        queryPeriod: rule.period,
        triggerOperator: "GreaterThan",
        triggerThreshold: 0,
        suppressionEnabled: false,
        suppressionDuration: "PT5H",
        eventGroupingSettings: { aggregationKind: "AlertPerResult" },
        alertDetailsOverride: {
          alertDisplayNameFormat: rule.alertName,
          alertDescriptionFormat: rule.alertDescription,
        },
        // One incident for as long as the same thing is wrong, however often it is noticed.
        incidentConfiguration: {
          createIncident: true,
          groupingConfiguration: {
            enabled: true,
            matchingMethod: "Selected",
            groupByAlertDetails: ["DisplayName"],
            lookbackDuration: "P1D",
            reopenClosedIncident: false,
          },
        },
      },
      // Sentinel runs the query before it takes the rule, and refuses one whose tables are not there.
      { parent: this, dependsOn: [...workspace.ready, ...streams.tables.values()] },
    );
  }
}

function expectationsOf({ connections, catalog, basicStreams }: HealthRulesArgs): Expectation[] {
  return connections.map(({ name, vendor, streams }) => ({
    connection: name,
    vendor,
    streams: catalog
      .filter((stream) => stream.vendor === vendor && streams.includes(stream.name))
      .map(({ id, name, table }) => ({ name, table, readable: !basicStreams.includes(id) })),
  }));
}
