import { defineType, echo } from "../define-type.ts";
import { idInGroup } from "../resource-id.ts";
import { mustBeOneOf } from "../rules.ts";
import { workspacePath } from "./operationalinsights.ts";

type OnboardingInputs = { resourceGroupName: string; workspaceName: string; sentinelOnboardingStateName: string };

export const sentinelOnboardingState = defineType<OnboardingInputs>({
  type: "azure-native:securityinsights:SentinelOnboardingState",
  replaceOn: ["resourceGroupName", "workspaceName", "sentinelOnboardingStateName"],
  autoname: { property: "sentinelOnboardingStateName", as: "copy" },
  id: ({ resourceGroupName, workspaceName, sentinelOnboardingStateName }, cloud) =>
    idInGroup(
      cloud,
      resourceGroupName,
      `${workspacePath(workspaceName)}/providers/Microsoft.SecurityInsights/onboardingStates/${sentinelOnboardingStateName}`,
    ),
  // REST reference, Sentinel Onboarding States: supports - default
  check: ({ sentinelOnboardingStateName }) =>
    mustBeOneOf("sentinelOnboardingStateName", sentinelOnboardingStateName, ["default"]),
  put: (id, inputs) =>
    Promise.resolve({
      customerManagedKey: false,
      ...echo(id, inputs, ["resourceGroupName", "workspaceName", "sentinelOnboardingStateName"]),
    }),
});
