import type { PublishedCode, readCode } from "../../components/publish-code.ts";
import { type ResourceManagerClient, ResourceManagerError } from "../../components/resource-manager.ts";
import { comparedTypes, type StackResource } from "./stack-resources.ts";

/** Something that is otherwise than the stack made it, and that `pulumi refresh` does not see. */
export interface Drift {
  /** As the program calls the resource. */
  readonly resource: string;
  /** Never a value: a setting that somebody else made may be secret. */
  readonly difference: string;
}

export interface DriftMeans {
  readonly arm: Pick<ResourceManagerClient, "get" | "reveal">;
  readonly readCode: (id: string, code: PublishedCode) => ReturnType<typeof readCode>;
}

const versions = {
  appSettings: "2024-04-01",
  role: "2022-04-01",
  rule: "2024-09-01",
  table: "2023-09-01",
} as const;

/** Compares what runs with what the stack deployed, resource by resource. */
export async function findDrift(resources: readonly StackResource[], means: DriftMeans): Promise<readonly Drift[]> {
  const found: Drift[] = [];
  for (const resource of resources) {
    const differences = await compare(resource, means).catch(notCompared);
    found.push(...differences.map((difference) => ({ resource: resource.name, difference })));
  }
  return found;
}

/** What you may not see is told beside what differs: the others are compared all the same. */
function notCompared(error: unknown): readonly string[] {
  if (error instanceof ResourceManagerError) return [`it cannot be compared: ${error.message}`];
  throw error;
}

function compare(resource: StackResource, means: DriftMeans): Promise<readonly string[]> {
  switch (resource.type) {
    case comparedTypes.app:
      return compareSettings(resource, means);
    case comparedTypes.generic:
      return compareGeneric(resource, means);
    case comparedTypes.code:
      return compareCode(resource, means);
    case comparedTypes.role:
      return compareRole(resource, means);
    case comparedTypes.rule:
      return compareRule(resource, means);
    case comparedTypes.table:
      return compareTable(resource, means);
    default:
      return Promise.resolve([]);
  }
}

/** An app in ARM's own words; its plan has nothing that refresh does not see. */
function compareGeneric(resource: StackResource, means: DriftMeans): Promise<readonly string[]> {
  const { resourceType, properties } = resource.inputs;
  if (resourceType !== "sites") return Promise.resolve([]);
  return compareSettings({ ...resource, inputs: (properties ?? {}) as StackResource["inputs"] }, means);
}

interface AppSetting {
  readonly name: string;
  readonly value: unknown;
}

/** Azure never shows them to refresh. */
async function compareSettings({ id, inputs }: StackResource, { arm }: DriftMeans): Promise<readonly string[]> {
  const answer = await arm.reveal(`${id}/config/appsettings/list`, versions.appSettings, "Website Contributor");
  if (!answer) return ["the app is gone"];
  const there = answer.properties ?? {};
  const { appSettings = [] } = (inputs["siteConfig"] ?? {}) as { readonly appSettings?: readonly AppSetting[] };
  const names = new Set(appSettings.map(({ name }) => name));
  return [
    ...appSettings.filter(({ name }) => !(name in there)).map(({ name }) => `the app setting ${name} is missing`),
    ...appSettings
      .filter(({ name, value }) => typeof value === "string" && name in there && there[name] !== value)
      .map(({ name }) => `the app setting ${name} has another value`),
    ...Object.keys(there)
      .filter((name) => !names.has(name))
      .map((name) => `the app setting ${name} is not the stack's`),
  ];
}

async function compareCode({ id, outputs }: StackResource, means: DriftMeans): Promise<readonly string[]> {
  const code = outputs as unknown as PublishedCode;
  const { props } = await means.readCode(id, code);
  if (!("sha256" in props)) return ["the app is gone"];
  return props.sha256 === code.sha256 ? [] : ["the app runs another package than the one that was published"];
}

async function compareRole({ id }: StackResource, { arm }: DriftMeans): Promise<readonly string[]> {
  return (await arm.get(id, versions.role)) ? [] : ["the role is no longer assigned"];
}

async function compareRule({ id, inputs }: StackResource, { arm }: DriftMeans): Promise<readonly string[]> {
  const rule = await arm.get(id, versions.rule);
  if (!rule) return ["the rule is gone"];
  const { enabled } = (rule.properties ?? {}) as { readonly enabled?: boolean };
  // Sentinel itself disables a rule whose query keeps failing.
  return inputs["enabled"] === true && enabled === false ? ["the rule is disabled"] : [];
}

interface Column {
  readonly name: string;
  readonly type: string;
}

async function compareTable({ id, inputs }: StackResource, { arm }: DriftMeans): Promise<readonly string[]> {
  const table = await arm.get(id, versions.table);
  if (!table) return ["the table is gone"];
  const columnsOf = (of: unknown) => (of as { schema?: { columns?: readonly Column[] } }).schema?.columns ?? [];
  const there = new Map(columnsOf(table.properties ?? {}).map(({ name, type }) => [name, type.toLowerCase()]));
  return columnsOf(inputs).flatMap(({ name, type }) => {
    const kept = there.get(name);
    if (kept === undefined) return [`the column ${name} is missing: what is delivered for it is dropped`];
    return kept === type.toLowerCase() ? [] : [`the column ${name} is ${kept}, and not ${type}`];
  });
}
