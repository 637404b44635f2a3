import { Component } from "@pulumi/azure-native/applicationinsights/component.js";
import type { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import { DiagnosticSetting } from "@pulumi/azure-native/monitor/diagnosticSetting.js";
import * as pulumi from "@pulumi/pulumi";
import type { ConnectorScope } from "./connector-scope.ts";
import { azureName } from "./naming.ts";
import { assignRole } from "./roles.ts";
import type { IngestionRule } from "./streams.ts";
import type { Workspace } from "./workspace.ts";

export interface HealthArgs {
  readonly scope: ConnectorScope;
  /** Where telemetry and errors are kept. */
  readonly workspace: Workspace;
  /** Who sends telemetry. */
  readonly worker: UserAssignedIdentity;
  /** Rules whose refusals are to be seen. */
  readonly rules: readonly IngestionRule[];
}

/** What shows that the connector works, from beside the path that the rows take. */
export class Health extends pulumi.ComponentResource {
  /** Connection string of Application Insights: addresses and an id, no credential, since key authentication is off. */
  readonly telemetry: pulumi.Output<string>;
  /** Resource id of Application Insights. */
  readonly insightsId: pulumi.Output<string>;
  /** What the worker needs before it can send telemetry. */
  readonly grants: readonly pulumi.Resource[];

  constructor(name: string, args: HealthArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Health", name, {}, opts);
    const insights = this.createInsights(name, args);
    this.telemetry = insights.connectionString;
    this.insightsId = insights.id;
    this.grants = [
      // Without it Application Insights stays empty: no trace of a run, no alert on a worker that stands still.
      assignRole(
        `${name}-telemetry`,
        { role: "monitoringMetricsPublisher", scope: insights.id, principalId: args.worker.principalId },
        { parent: this },
      ),
    ];
    for (const rule of args.rules) this.recordErrors(name, rule, args);
    this.registerOutputs({});
  }

  private createInsights(name: string, { scope, workspace }: HealthArgs): Component {
    return new Component(
      `${name}-appi`,
      {
        ...scope.place,
        resourceName: azureName("insights", scope.stack),
        kind: "web",
        applicationType: "web",
        ingestionMode: "LogAnalytics",
        workspaceResourceId: workspace.resourceId,
        disableLocalAuth: true,
        publicNetworkAccessForIngestion: scope.network ? "Disabled" : "Enabled",
        tags: scope.tags,
      },
      { parent: this },
    );
  }

  /** What Azure accepts and then cannot store is told nowhere else than in the table `DCRLogErrors`. */
  private recordErrors(name: string, rule: IngestionRule, { workspace }: HealthArgs): DiagnosticSetting {
    return new DiagnosticSetting(
      `${name}-${rule.key}-errors`,
      {
        resourceUri: rule.resourceId,
        name: "errors",
        workspaceId: workspace.resourceId,
        logs: [{ category: "LogErrors", enabled: true }],
      },
      { parent: this },
    );
  }
}
