import type { ResourceManagerClient } from "../../components/resource-manager.ts";
import type { SelfTestAnswer } from "./selftest.ts";

const question = "Does the plan run Node 24 and the worker's functions?";

interface App {
  readonly state?: string;
  readonly functionAppConfig?: { readonly runtime?: { readonly name?: string; readonly version?: string } };
}

/** What the app was asked to run, and what it lists. */
export async function tryRuntime(
  appId: string,
  arm: Pick<ResourceManagerClient, "get" | "list">,
): Promise<SelfTestAnswer> {
  const app = await arm.get(appId, "2024-04-01");
  const { state, functionAppConfig } = (app?.properties ?? {}) as App;
  const listed = await arm.list(`${appId}/functions`, "2024-04-01");
  const functions = listed.map(({ name }) => name.split("/").at(-1) ?? name);
  const { name = "?", version = "?" } = functionAppConfig?.runtime ?? {};
  const isNode = name === "node" && version === "24";
  const runs = state === "Running" && ["schedule", "collect"].every((wanted) => functions.includes(wanted));
  return {
    question,
    good: isNode && runs,
    seen: `${name} ${version}, ${state ?? "unknown"}, functions ${functions.join(", ") || "none"}`,
    advice:
      isNode && runs
        ? null
        : "Where the region has no Node 24 yet, choose another region for the stack (setting location); where functions are missing, deploy again and look into the app's log.",
  };
}
