import { ScheduledAlertRule } from "@pulumi/azure-native/securityinsights/scheduledAlertRule.js";
import * as pulumi from "@pulumi/pulumi";
import type { Stream } from "../kql/catalog.ts";
import { sentinelAttack } from "../kql/catalog-attack.ts";
import type { ChosenRule } from "../kql/catalog-choices.ts";
import { type Expectation, type Rule, scheduledQuery, withExpectations } from "../kql/catalog-rules.ts";
import type { WorkerConnection } from "./app-settings.ts";
import type { KnownTables } from "./known-tables.ts";
import { deterministicGuid } from "./naming.ts";
import type { Workspace } from "./workspace.ts";

export interface RulesArgs {
  readonly workspace: Workspace;
  readonly rules: readonly ChosenRule[];
  readonly catalog: readonly Stream[];
  /** What the rules about the connector's own health expect to be collected. */
  readonly connections: readonly WorkerConnection[];
  /** Streams whose tables no rule can read, by id. */
  readonly basicStreams: readonly string[];
  /** Shown in each rule. */
  readonly version: string;
  /** Sentinel runs a rule's query before it takes the rule, and refuses one whose tables and functions it does not know. */
  readonly known: KnownTables;
}

/** Scheduled rules of Microsoft Sentinel: detections, and what watches over the connector's own health. */
export class Rules extends pulumi.ComponentResource {
  constructor(name: string, args: RulesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Rules", name, {}, opts);
    const expectations = expectationsOf(args);
    for (const rule of args.rules) this.createRule(name, rule, expectations, args);
    this.registerOutputs({});
  }

  private createRule(
    name: string,
    rule: ChosenRule,
    expectations: readonly Expectation[],
    { workspace, version, known }: RulesArgs,
  ): void {
    new ScheduledAlertRule(
      `${name}-${rule.id}`,
      {
        resourceGroupName: workspace.resourceGroupName,
        workspaceName: workspace.workspaceName,
        ruleId: deterministicGuid("rule", rule.id),
        kind: "Scheduled",
        displayName: rule.displayName,
        description: `${rule.description}\n\n${rule.id}, content version ${version}.`,
        severity: rule.severity,
        enabled: rule.enabled,
        ...attackOf(rule),
        query: withExpectations(scheduledQuery(rule), expectations),
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
          ...(rule.severityColumn !== undefined && { alertSeverityColumnName: rule.severityColumn }),
          ...(rule.tacticsColumn !== undefined && { alertTacticsColumnName: rule.tacticsColumn }),
        },
        ...entitiesOf(rule),
        ...(rule.details.length > 0 && { customDetails: Object.fromEntries(rule.details.map((name) => [name, name])) }),
        incidentConfiguration: { createIncident: true, groupingConfiguration: groupingOf(rule) },
      },
      { parent: this, dependsOn: [...workspace.ready, known] },
    );
  }
}

function attackOf({ attack }: Rule) {
  const { tactics, techniques, subTechniques } = sentinelAttack(attack);
  return {
    ...(tactics.length > 0 && { tactics: [...tactics], techniques: [...techniques] }),
    ...(subTechniques.length > 0 && { subTechniques: [...subTechniques] }),
  };
}

function entitiesOf({ entities }: Rule) {
  const mappings = Object.entries(entities).map(([entityType, identifiers]) => ({
    entityType,
    fieldMappings: Object.entries(identifiers).map(([identifier, columnName]) => ({ identifier, columnName })),
  }));
  return mappings.length > 0 ? { entityMappings: mappings } : {};
}

/** One incident for as long as the same thing is wrong, however often it is noticed. */
function groupingOf({ groupBy }: Rule) {
  const always = { enabled: true, matchingMethod: "Selected", lookbackDuration: "P1D", reopenClosedIncident: false };
  if (!groupBy) return { ...always, groupByAlertDetails: ["DisplayName"] };
  return {
    ...always,
    ...(groupBy.entities.length > 0 && { groupByEntities: groupBy.entities }),
    ...(groupBy.details.length > 0 && { groupByCustomDetails: groupBy.details }),
  };
}

function expectationsOf({ connections, catalog, basicStreams }: RulesArgs): Expectation[] {
  return connections.map(({ name, vendor, streams }) => ({
    connection: name,
    vendor,
    streams: catalog
      .filter((stream) => stream.vendor === vendor && streams.includes(stream.name))
      .map(({ id, name, table }) => ({ name, table, readable: !basicStreams.includes(id) })),
  }));
}
