import type { Existing } from "../../components/existing.ts";
import { ownershipId, readOwnership } from "../../components/ownership.ts";
import type { ResourceDocument, ResourceManager } from "../../components/resource-manager.ts";
import { latestFunction, readCatalog, type Stream } from "../../kql/catalog.ts";
import { chooseFunctions, readFunctions } from "../../kql/catalog-functions.ts";
import type { Settings } from "../settings.ts";
import { compareAliases } from "./aliases.ts";
import { compareTable, isComplete } from "./tables.ts";

/** Versions of the APIs that azure-native uses, so that both see the same. */
export const versions = { resources: "2024-03-01", workspace: "2023-09-01", sentinel: "2024-09-01" } as const;

/** Where the stack is to be. */
export interface Place {
  readonly workspace: ResourceDocument;
  /** Of a workspace that a stack of this name made; absent: it is somebody else's. */
  readonly resourceGroup?: ResourceDocument;
}

export interface Findings {
  readonly existing: Existing;
  /** Why what exists cannot be taken over, and what to do. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Reads what is in a workspace and compares it with what a stack is about to put there.
 * @param stack full name of the stack, as the workspace's mark of ownership has it
 */
export async function compareWorkspace(
  { workspace, resourceGroup }: Place,
  settings: Pick<Settings, "functions" | "content" | "basicStreams" | "totalRetentionDays">,
  stack: string,
  azure: ResourceManager,
): Promise<Findings> {
  const streams = readCatalog();
  const [onboarding, searches, tables] = await Promise.all([
    azure.get(`${workspace.id}/providers/Microsoft.SecurityInsights/onboardingStates/default`, versions.sentinel),
    azure.list(`${workspace.id}/savedSearches`, versions.workspace),
    Promise.all(streams.map(({ table }) => azure.get(`${workspace.id}/tables/${table}`, versions.workspace))),
  ]);
  const mark = searches.find(({ name }) => name.toLowerCase() === ownershipId);
  const owner = mark && readOwnership(String(mark.properties?.["query"]));
  const isOurs = owner?.stack === stack;
  if (owner && !isOurs && !settings.content.enabled) return asGuest(streams, tables, owner.stack);
  const compared = streams.flatMap((stream, index) =>
    compareStream(stream, tables[index], {
      mended: isOurs ? owner.tables[stream.table] : undefined,
      deployedColumns: columnsOfLatest(stream, searches),
      keptDays: settings.totalRetentionDays,
    }),
  );
  const readable = streams.filter(({ id }) => !settings.basicStreams.includes(id));
  const functions = chooseFunctions(readFunctions(readable), settings.functions, resourceGroup ? "new" : "existing");
  const aliases = compareAliases(functions, searches, settings.functions);
  const isLeftover = resourceGroup !== undefined && !isOurs;
  return {
    existing: {
      adopted: {
        ...(isLeftover && { resourceGroup: resourceGroup.id, workspace: workspace.id }),
        ...(isLeftover && onboarding && { onboarding: onboarding.id }),
        tables: Object.fromEntries(compared.flatMap(({ name, adopt }) => (adopt ? [[name, adopt]] : []))),
      },
      tables: Object.fromEntries(compared.map(({ name, table }) => [name, table])),
    },
    problems: [
      ...(mark && !isOurs ? [belongsToAnother(mark, owner?.stack)] : []),
      ...(onboarding || resourceGroup ? [] : [withoutSentinel(workspace)]),
      ...compared.flatMap(({ problems }) => problems),
      ...aliases.problems,
    ],
    warnings: aliases.warnings,
  };
}

/** In another stack's workspace: its tables have to be there, and to be like ours. */
function asGuest(
  streams: readonly Stream[],
  tables: readonly (ResourceDocument | undefined)[],
  owner: string,
): Findings {
  const behind = streams.filter((stream, index) => !isComplete(stream, tables[index])).map(({ table }) => table);
  const problems =
    behind.length > 0
      ? [
          `The workspace's tables belong to the stack ${owner}, and lack what this one sends: ${behind.join(", ")}. Deploy that stack from this version of the program first.`,
        ]
      : [];
  return { existing: { adopted: { tables: {} }, isGuest: true, tables: {} }, problems, warnings: [] };
}

interface Before {
  /** How often the stack mended the table; undefined where it is not the stack's. */
  readonly mended: number | undefined;
  readonly deployedColumns: ReadonlySet<string> | undefined;
  readonly keptDays: number;
}

function compareStream(
  stream: Stream,
  found: ResourceDocument | undefined,
  { mended, deployedColumns, keptDays }: Before,
) {
  const name = stream.table;
  const isOurs = mended !== undefined;
  if (found) {
    const history = { isOurs, mended: mended ?? 0, deployedColumns };
    return [{ name, adopt: isOurs ? undefined : found.id, ...compareTable(stream, found, history, keptDays) }];
  }
  // Deleted by somebody else: writing it anew brings its rows back as long as Azure keeps them.
  return isOurs ? [{ name, adopt: undefined, table: { otherColumns: [], mended: mended + 1 }, problems: [] }] : [];
}

/** The columns that the table had when the stack was deployed last, from its `…Latest` function, which names each; undefined without one. */
function columnsOfLatest(stream: Stream, searches: readonly ResourceDocument[]): ReadonlySet<string> | undefined {
  const alias = latestFunction(stream).name.toLowerCase();
  const found = searches.find(({ name }) => name.toLowerCase() === alias);
  return found && new Set(String(found.properties?.["query"]).match(/\w+/g));
}

function belongsToAnother({ id }: ResourceDocument, stack: string | undefined): string {
  return (
    `The workspace belongs to ${stack ? `the stack ${stack}` : "a stack whose name cannot be read"} (saved search ${id}): tables and functions of a workspace are one stack's. ` +
    "Let this one only send rows into them: pulumi config set --path content.enabled off. Or destroy that stack first; or, if it is this one under an earlier name, delete the saved search: " +
    `az rest --method delete --url "${id}?api-version=${versions.workspace}"`
  );
}

const withoutSentinel = ({ id }: ResourceDocument) =>
  `Microsoft Sentinel is not enabled on ${id}. Enable it there first: it changes what the whole workspace costs, so the stack does not.`;
