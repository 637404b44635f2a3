import type { KeptState } from "../azure/resource-manager/state.ts";
import { UserError } from "./user-error.ts";

/** Whether `npm start` deployed what is there, the real `pulumi` did, or nobody yet. */
const deployer = (state: KeptState): "npm start" | "pulumi" | undefined => {
  if (state.registrations.list("urn:").length > 0) return "npm start";
  return state.list("azure-native:resources:ResourceGroup").length > 0 ? "pulumi" : undefined;
};

/** Each engine remembers what it deployed in its own way: where one has been, the other would meet resources that it does not know. */
export function refuseOtherEngine(state: KeptState, folder: string, engine: "npm start" | "pulumi"): void {
  const before = deployer(state);
  if (before === undefined || before === engine) return;
  throw new UserError(
    `What is in ${folder} was deployed by \`${before}\`, and \`${engine}\` cannot go on from it.\nChoose another folder with --data DIR, or delete this one.`,
  );
}
