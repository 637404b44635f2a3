import { Workspace as LogAnalyticsWorkspace } from "@pulumi/azure-native/operationalinsights/workspace.js";
import { Provider } from "@pulumi/azure-native/provider.js";
import { SentinelOnboardingState } from "@pulumi/azure-native/securityinsights/sentinelOnboardingState.js";
import * as pulumi from "@pulumi/pulumi";
import type { Cloud } from "./cloud.ts";
import type { ConnectorScope } from "./connector-scope.ts";
import { adopting, type Existing } from "./existing.ts";
import { azureName } from "./naming.ts";

export interface WorkspaceArgs {
  readonly scope: ConnectorScope;
  /** Resource id of a workspace with Sentinel on it; absent: a new one is made. */
  readonly existingId?: string | undefined;
  /** Days that rows stay queryable in a new workspace. */
  readonly retentionDays: number;
  readonly existing: Existing;
  readonly cloud: Cloud;
  /** GB a day after which a new workspace takes no more rows until the next day; absent: it takes all. */
  readonly dailyCapGb: number | undefined;
}

/** The Log Analytics workspace that Sentinel looks at: a new one, or one that exists. */
export class Workspace extends pulumi.ComponentResource {
  /** Resource id. */
  readonly resourceId: pulumi.Output<string>;
  /** GUID that queries are addressed to. */
  readonly customerId: pulumi.Output<string>;
  readonly workspaceName: pulumi.Output<string>;
  /** Resource group of the workspace, which for an existing one is not the connector's. */
  readonly resourceGroupName: pulumi.Output<string>;
  /** Region of the workspace. Rules and their endpoint must lie there; the rest of the connector need not. */
  readonly location: pulumi.Output<string>;
  /** Whether the stack made it. */
  readonly isOwn: boolean;
  /** What must exist before anything is put into the workspace. */
  readonly ready: readonly pulumi.Resource[];
  /** Options of whatever is put into the workspace: azure-native puts things into its own subscription only. */
  readonly inside: { readonly provider?: pulumi.ProviderResource };

  constructor(name: string, args: WorkspaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sentinelone-valence-connector:index:Workspace", name, {}, opts);
    this.inside = this.reach(name, args);
    const workspace = args.existingId ? this.find(name, args.existingId) : this.create(name, args);
    this.isOwn = args.existingId === undefined;
    this.resourceId = workspace.id;
    this.customerId = workspace.customerId;
    this.workspaceName = workspace.name;
    this.resourceGroupName = workspace.id.apply(resourceGroupOf);
    // What was given, where the workspace is new: a preview then knows it.
    this.location = args.existingId ? workspace.location.apply(shortRegion) : pulumi.output(args.scope.place.location);
    this.ready = args.existingId ? [workspace] : [workspace, this.onboard(name, args)];
    this.registerOutputs({ resourceId: this.resourceId, customerId: this.customerId });
  }

  private reach(name: string, { cloud, existing: { otherSubscription } }: WorkspaceArgs): Workspace["inside"] {
    if (otherSubscription === undefined) return {};
    const settings = { subscriptionId: otherSubscription, environment: cloud };
    return { provider: new Provider(`${name}-provider`, settings, { parent: this }) };
  }

  private find(name: string, id: string): LogAnalyticsWorkspace {
    return LogAnalyticsWorkspace.get(`${name}-log`, id, { parent: this });
  }

  private create(name: string, { scope, retentionDays, dailyCapGb, existing }: WorkspaceArgs): LogAnalyticsWorkspace {
    return new LogAnalyticsWorkspace(
      `${name}-log`,
      {
        ...scope.place,
        workspaceName: azureName("workspace", scope.stack),
        sku: { name: "PerGB2018" },
        retentionInDays: retentionDays,
        // Said even where there is none: a cap that is left out stays as it was.
        workspaceCapping: { dailyQuotaGb: dailyCapGb ?? -1 },
        // The shared keys of the retired Data Collector API would let anyone who holds one write any table.
        features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true },
        // Queries stay open to whoever has a role: analysts work in the portal.
        publicNetworkAccessForIngestion: scope.network ? "Disabled" : "Enabled",
        tags: scope.tags,
      },
      { parent: this, ...scope.keep, ...adopting(existing.adopted.workspace) },
    );
  }

  private onboard(name: string, { scope, existing }: WorkspaceArgs): SentinelOnboardingState {
    return new SentinelOnboardingState(
      `${name}-sentinel`,
      {
        resourceGroupName: this.resourceGroupName,
        workspaceName: this.workspaceName,
        // Azure knows one name only.
        sentinelOnboardingStateName: "default",
      },
      // Without Sentinel a workspace that is kept would lose its rules and incidents.
      { parent: this, ...scope.keep, ...adopting(existing.adopted.onboarding) },
    );
  }
}

/** `West Europe` → `westeurope`: Azure answers in either spelling. */
const shortRegion = (location: string) => location.toLowerCase().replaceAll(" ", "");

const workspaceIdPattern =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/([^/]+)\/providers\/Microsoft\.OperationalInsights\/workspaces\/[^/]+$/i;

/** Whether the text is the resource id of a Log Analytics workspace. */
export function isWorkspaceId(text: string): boolean {
  return workspaceIdPattern.test(text);
}

function resourceGroupOf(workspaceId: string): string {
  const [, resourceGroup] = workspaceIdPattern.exec(workspaceId) ?? [];
  if (!resourceGroup) throw new Error(`"${workspaceId}" is not the resource id of a Log Analytics workspace.`);
  return resourceGroup;
}
