import { ActionGroup } from "@pulumi/azure-native/monitor/actionGroup.js";
import { MetricAlert } from "@pulumi/azure-native/monitor/metricAlert.js";
import { ScheduledQueryRule } from "@pulumi/azure-native/monitor/scheduledQueryRule.js";
import * as pulumi from "@pulumi/pulumi";
import type { ConnectorScope } from "./connector-scope.ts";
import { azureName } from "./naming.ts";
import type { Storage } from "./storage.ts";
import type { IngestionRule } from "./streams.ts";
import type { WorkerApp } from "./worker-app.ts";
import type { Workspace } from "./workspace.ts";

export interface AlertsArgs {
  readonly scope: ConnectorScope;
  /** Where the worker's telemetry is kept. */
  readonly workspace: Workspace;
  readonly app: WorkerApp;
  readonly storage: Storage;
  /** Rules whose losses are to be noticed. */
  readonly rules: readonly IngestionRule[];
  /** Streams that are collected, over all connections. */
  readonly streamCount: number;
  /** Who is told by mail; nobody: the alerts are seen in the portal only. */
  readonly emails: readonly string[];
}

/** Alerts of Azure Monitor, from outside the path that the rows take: they go off where the worker itself cannot say anything. */
export class Alerts extends pulumi.ComponentResource {
  constructor(name: string, args: AlertsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Alerts", name, {}, opts);
    const group = args.emails.length > 0 ? [this.createGroup(name, args).id] : [];
    this.watchExecutions(name, group, args);
    this.watchQueue(name, group, args);
    for (const rule of args.rules) this.watchRule(name, rule, group, args);
    this.registerOutputs({});
  }

  private createGroup(name: string, { scope, emails }: AlertsArgs): ActionGroup {
    return new ActionGroup(
      `${name}-ag`,
      {
        resourceGroupName: scope.place.resourceGroupName,
        actionGroupName: azureName("actionGroup", scope.stack),
        location: "Global",
        groupShortName: "s1v",
        enabled: true,
        emailReceivers: emails.map((emailAddress) => ({
          name: emailAddress,
          emailAddress,
          useCommonAlertSchema: true,
        })),
        tags: scope.tags,
      },
      { parent: this },
    );
  }

  /** By the log and not by the metric: a metric that is not written at all is no metric below one. */
  private watchExecutions(
    name: string,
    actionGroups: readonly pulumi.Input<string>[],
    { scope, workspace, app }: AlertsArgs,
  ): ScheduledQueryRule {
    return new ScheduledQueryRule(
      `${name}-executions`,
      {
        resourceGroupName: scope.place.resourceGroupName,
        location: workspace.location,
        ruleName: azureName("alert", scope.stack, "executions"),
        displayName: "SentinelOne and Valence connector: the worker stands still",
        description:
          "The Function App has not run for 15 minutes, though its timer fires every minute. Is the app running, and is its code deployed?",
        severity: 1,
        enabled: true,
        scopes: [workspace.resourceId],
        evaluationFrequency: "PT5M",
        windowSize: "PT15M",
        criteria: {
          allOf: [
            {
              query: pulumi.interpolate`AppRequests | where AppRoleName =~ "${app.name}" | summarize Executions = count()`,
              metricMeasureColumn: "Executions",
              timeAggregation: "Total",
              operator: "LessThan",
              threshold: 1,
              failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
            },
          ],
        },
        autoMitigate: true,
        actions: { actionGroups: [...actionGroups] },
        tags: scope.tags,
      },
      // Scopes cannot be changed in place (pulumi-azure-native issue 4839).
      { parent: this, replaceOnChanges: ["scopes"] },
    );
  }

  /**
   * Storage tells no message's age, and counts them once an hour. A stream is queued again every ten minutes while nobody takes it: twice
   * as many messages as streams are messages that grow old.
   */
  private watchQueue(name: string, actionGroups: readonly pulumi.Input<string>[], args: AlertsArgs): MetricAlert {
    return this.createMetricAlert(`${name}-queue`, "queue", actionGroups, args, {
      description: "Messages grow old in the work queue: the worker does not keep up, or does not take them.",
      scope: pulumi.interpolate`${args.storage.accountId}/queueServices/default`,
      metricNamespace: "Microsoft.Storage/storageAccounts/queueServices",
      metricName: "QueueMessageCount",
      timeAggregation: "Average",
      threshold: 2 * args.streamCount,
      windowSize: "PT1H",
      evaluationFrequency: "PT1H",
    });
  }

  private watchRule(
    name: string,
    rule: IngestionRule,
    actionGroups: readonly pulumi.Input<string>[],
    args: AlertsArgs,
  ): MetricAlert {
    return this.createMetricAlert(`${name}-${rule.key}-dropped`, `${rule.key}-dropped`, actionGroups, args, {
      description: `The data collection rule ${rule.key} drops rows that Azure has accepted. The table DCRLogErrors tells why.`,
      scope: rule.resourceId,
      metricNamespace: "Microsoft.Insights/datacollectionrules",
      metricName: "RowsDropped_Count",
      timeAggregation: "Total",
      threshold: 0,
      windowSize: "PT15M",
      evaluationFrequency: "PT5M",
    });
  }

  private createMetricAlert(
    name: string,
    role: string,
    actionGroups: readonly pulumi.Input<string>[],
    { scope }: AlertsArgs,
    { description, scope: resourceId, windowSize, evaluationFrequency, ...criterion }: MetricWatch,
  ): MetricAlert {
    return new MetricAlert(
      name,
      {
        resourceGroupName: scope.place.resourceGroupName,
        location: "Global",
        ruleName: azureName("alert", scope.stack, role),
        description,
        severity: 2,
        enabled: true,
        scopes: [resourceId],
        windowSize,
        evaluationFrequency,
        criteria: {
          odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
          allOf: [
            {
              name: "above",
              criterionType: "StaticThresholdCriterion",
              operator: "GreaterThan",
              ...criterion,
              // Metrics of a resource that is new are not there yet.
              skipMetricValidation: true,
            },
          ],
        },
        autoMitigate: true,
        actions: actionGroups.map((actionGroupId) => ({ actionGroupId })),
        tags: scope.tags,
      },
      { parent: this },
    );
  }
}

/** A metric that must not exceed a threshold. */
interface MetricWatch {
  readonly description: string;
  readonly scope: pulumi.Input<string>;
  readonly metricNamespace: string;
  readonly metricName: string;
  readonly timeAggregation: "Average" | "Total";
  readonly threshold: number;
  /** ISO 8601 durations. */
  readonly windowSize: string;
  readonly evaluationFrequency: string;
}
