import type { ResourceManagerClient } from "../../components/resource-manager.ts";
import type { SelfTestAnswer } from "./selftest.ts";

const version = "2023-09-01";
const search = (query: string) => ({
  properties: { category: "Connector self-test", displayName: "Connector self-test", query, version: 2 },
});

/**
 * Whether a saved search can be changed in place. The stack replaces its functions instead, since a PUT without an etag over an existing one
 * was refused, and azure-native sends none.
 */
export async function trySavedSearch(
  workspaceId: string,
  arm: Pick<ResourceManagerClient, "put" | "delete">,
): Promise<SelfTestAnswer> {
  const id = `${workspaceId}/savedSearches/connector-selftest`;
  await arm.delete(id, version);
  try {
    const made = await arm.put(id, version, search("print 1"));
    if (made !== 200 && made !== 201) return answer(null, `making one answered ${made}`, mayNotMake);
    const changed = await arm.put(id, version, search("print 2"));
    if (changed === 409) return answer(true, "409 without an etag: functions are replaced, as the stack does", null);
    const inPlace = changed === 200 || changed === 201;
    return answer(
      inPlace,
      inPlace ? "it is changed in place" : `changing it answered ${changed}`,
      inPlace ? null : report,
    );
  } finally {
    await arm.delete(id, version);
  }
}

const mayNotMake = "You may not write saved searches: that needs the role Log Analytics Contributor on the workspace.";
const report = "Functions of the workspace may fail to be updated by `pulumi up`. Report this answer.";

const answer = (good: boolean | null, seen: string, advice: string | null): SelfTestAnswer => ({
  question: "Can a function of the workspace be renewed?",
  good,
  seen,
  advice,
});
