import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dynamicType } from "../../components/dynamic-types.ts";
import { runPulumi } from "./deployment.ts";
import { OperatorError } from "./operator-error.ts";

/** A resource as the stack's state has it. */
export interface StackResource {
  readonly type: string;
  /** As the program calls it, e.g. `connector-collector-func`. */
  readonly name: string;
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Types whose resources can differ from the stack without `pulumi refresh` seeing it. */
export const comparedTypes = {
  app: "azure-native:web:WebApp",
  /** The app and its plan where there is no Flex Consumption. */
  generic: "azure-native:resources:Resource",
  code: dynamicType("Code"),
  role: "azure-native:authorization:RoleAssignment",
  rule: "azure-native:securityinsights:ScheduledAlertRule",
  table: "azure-native:operationalinsights:Table",
} as const;

const isCompared = (type: string) => Object.values<string>(comparedTypes).includes(type);

/** `deployment.resources` of `pulumi stack export`; what is secret is encrypted there. */
interface Export {
  readonly deployment?: {
    readonly resources?: readonly (Partial<StackResource> & { readonly urn: string; readonly type: string })[];
  };
}

/** The compared resources of a stack, from its state. */
export async function exportedResources(stack: string): Promise<readonly StackResource[]> {
  const { deployment } = JSON.parse(await runPulumi(["stack", "export", "--stack", stack], stack)) as Export;
  return (deployment?.resources ?? [])
    .filter(({ type }) => isCompared(type))
    .map(({ urn, type, id = "", inputs = {}, outputs = {} }) => ({
      type,
      name: urn.split("::").at(-1) ?? urn,
      id,
      inputs,
      outputs,
    }));
}

/** The same of what a local Azure runs, as its data folder tells. */
export function localResources(folder: string): readonly StackResource[] {
  const { resources } = JSON.parse(readFileSync(join(folder, "running.json"), "utf8")) as {
    readonly resources?: readonly StackResource[];
  };
  if (resources) return resources;
  throw new OperatorError(
    `What was deployed into ${folder} is known to the Pulumi CLI alone: name the stack with --stack.`,
  );
}

/** What an evaluator in this process remembers, fit for `localResources`: without what is secret. */
export function openResources(
  registrations: readonly (StackResource & { readonly secrets: readonly string[] })[],
): readonly StackResource[] {
  return registrations
    .filter(({ type }) => isCompared(type))
    .map(({ type, name, id, inputs, outputs, secrets }) => {
      const open = (values: Readonly<Record<string, unknown>>) =>
        Object.fromEntries(Object.entries(values).filter(([key]) => !secrets.includes(key)));
      return { type, name, id, inputs: open(inputs), outputs: open(outputs) };
    });
}
