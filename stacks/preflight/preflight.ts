import { getClientConfig } from "@pulumi/azure-native/authorization/getClientConfig.js";
import { getClientToken } from "@pulumi/azure-native/authorization/getClientToken.js";
import * as pulumi from "@pulumi/pulumi";
import { RunError } from "@pulumi/pulumi/errors.js";
import { type Existing, nothingExists } from "../../components/existing.ts";
import { azureName } from "../../components/naming.ts";
import { stackName } from "../../components/ownership.ts";
import { type ResourceManager, resourceManager } from "../../components/resource-manager.ts";
import { resourceTags } from "../../components/tags.ts";
import type { Settings } from "../settings.ts";
import { compareWorkspace, type Place, versions } from "./compare.ts";

/** All that stands in the stack's way where it is to be deployed, told at once and before anything is created, and shown as it is. */
class PreflightError extends RunError {
  override readonly name = "PreflightError";

  constructor(problems: readonly string[]) {
    super(`Nothing was changed: what exists stands in the way.\n${problems.map((text) => `- ${text}`).join("\n")}`);
  }
}

/**
 * Reads what exists where the stack is to be, in a preview as in an update, so that it is taken over instead of created.
 * Rejects with one `PreflightError` that names all that cannot be taken over.
 */
export async function preflight(settings: Settings): Promise<Existing> {
  const azure = resourceManager(settings.cloud, provider);
  const place = settings.workspaceId
    ? await findWorkspace(settings.workspaceId, azure)
    : await findOwnWorkspace(settings, azure);
  if (!place) return nothingExists;
  const { existing, problems, warnings } = await compareWorkspace(place, settings, stackName(), azure);
  if (problems.length > 0) throw new PreflightError(problems);
  for (const warning of warnings) await pulumi.log.warn(warning);
  return { ...existing, ...(await subscriptionOf(place.workspace.id)) };
}

/** The provider itself, which knows from stack config and variables who deploys: its token outlives the few seconds of a preflight. */
const provider = {
  getToken: async () => ({ ...(await getClientToken()), expiresOnTimestamp: Number.POSITIVE_INFINITY }),
};

async function subscriptionOf(workspaceId: string): Promise<Pick<Existing, "otherSubscription">> {
  const [, subscription = ""] = /^\/subscriptions\/([^/]+)/i.exec(workspaceId) ?? [];
  const { subscriptionId } = await getClientConfig();
  return subscription.toLowerCase() === subscriptionId.toLowerCase() ? {} : { otherSubscription: subscription };
}

async function findWorkspace(id: string, azure: ResourceManager): Promise<Place> {
  const workspace = await azure.get(id, versions.workspace);
  if (workspace) return { workspace };
  throw new PreflightError([
    `There is no workspace ${id} (setting workspaceId), or not in the tenant that is signed in to.`,
  ]);
}

/** What an earlier run of this stack, or a destroyed stack of its name, has left. */
async function findOwnWorkspace({ tags }: Settings, azure: ResourceManager): Promise<Place | undefined> {
  const stack = pulumi.getStack();
  const { subscriptionId } = await getClientConfig();
  const groupId = `/subscriptions/${subscriptionId}/resourceGroups/${azureName("resourceGroup", stack)}`;
  const workspaceId = `${groupId}/providers/Microsoft.OperationalInsights/workspaces/${azureName("workspace", stack)}`;
  const [resourceGroup, workspace] = await Promise.all([
    azure.get(groupId, versions.resources),
    azure.get(workspaceId, versions.workspace),
  ]);
  if (!resourceGroup || !workspace) return undefined;
  const { stack: tag } = resourceTags(stack, tags);
  if (resourceGroup.tags?.["stack"] === tag) return { workspace, resourceGroup };
  throw new PreflightError([
    `The resource group ${groupId} exists, and its tag "stack" is not "${tag}": no stack of this name made it. ` +
      "Choose another name for the stack, or give the resource group that tag if it is this stack's.",
  ]);
}
