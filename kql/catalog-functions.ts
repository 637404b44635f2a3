import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { latestFunction, type Stream, type Vendor, vendors, withoutCommentLines } from "./catalog.ts";
import { type AsimSchema, asimSchemas, callByName, filterParameters, plainParameters } from "./catalog-asim.ts";

/** When a function is deployed where the stack says nothing; `by-request`: only by `functions: { <alias>: ours }`. */
const deployments = ["always", "new-workspace", "by-request"] as const;

const functionFile = z.strictObject({
  description: z.string().min(1),
  deployed: z.enum(deployments).default("always"),
  /** As KQL writes them, `name:type=default, …`. A parser of an ASIM schema has that schema's. */
  parameters: z.string().default(""),
  /** Of a parser: the schema. It is deployed as `vim<folder>`, which filters, and as `ASim<folder>`. */
  asim: z.enum(asimSchemas).optional(),
});

/** A function that the workspace offers to queries. */
export interface WorkspaceFunction {
  /** Part of its resource's name. */
  readonly id: string;
  /** What queries call; also the name of the saved search. */
  readonly alias: string;
  readonly description: string;
  readonly deployed: (typeof deployments)[number];
  /** As KQL writes them, `name:type=default, …`; empty where there are none. */
  readonly parameters: string;
  readonly query: string;
  /** The schema of a parser that filters. */
  readonly asim?: AsimSchema;
}

/**
 * Every function that the connector has for a workspace, by alias: the `…Latest` function of each stream, what lies in
 * `kql/<vendor>/functions/<alias>/` (`function.json`, `query.kql`), and the functions by which ASIM's own parsers find ours.
 * Throws one error that lists everything wrong.
 * @param root folder that holds the vendors' folders; default: this one
 */
export function readFunctions(
  streams: readonly Stream[],
  root: string = import.meta.dirname,
): readonly WorkspaceFunction[] {
  const problems: string[] = [];
  const written = vendors.flatMap((vendor) =>
    functionFolders(root, vendor).flatMap((name) => readFunction(root, vendor, name, problems)),
  );
  const functions = [...streams.map(latestOf), ...written].sort((a, b) => (a.alias < b.alias ? -1 : 1));
  const aliases = functions.map(({ alias }) => alias);
  problems.push(
    ...aliases.filter((alias) => !/^[A-Za-z_]\w*$/.test(alias)).map((alias) => `"${alias}" is no name for a function`),
    ...aliases.filter((alias, index) => aliases.indexOf(alias) !== index).map((alias) => `"${alias}" is there twice`),
  );
  if (problems.length > 0) {
    throw new Error(`The functions below kql/ are not valid:\n${problems.map((problem) => `- ${problem}`).join("\n")}`);
  }
  return functions;
}

/** What the stack says about single functions: deploy it, or leave the alias to somebody else. */
export type FunctionChoices = Readonly<Record<string, "ours" | "skip">>;

/**
 * The functions to deploy: those that the stack asks for, and without a word those that fit the workspace.
 * ASIM's registrations follow from the parsers that are among them.
 */
export function chooseFunctions(
  functions: readonly WorkspaceFunction[],
  choices: FunctionChoices,
  workspace: "new" | "existing",
): readonly WorkspaceFunction[] {
  const isChosen = ({ alias, deployed }: WorkspaceFunction) =>
    choices[alias] === undefined
      ? deployed === "always" || (deployed === "new-workspace" && workspace === "new")
      : choices[alias] === "ours";
  const chosen = functions.filter(isChosen);
  return [...chosen, ...registrations(chosen).filter(isChosen)];
}

/** Every alias that a stack may decide about. */
export function functionAliases(functions: readonly WorkspaceFunction[]): readonly string[] {
  return [...functions, ...registrations(functions)].map(({ alias }) => alias);
}

/** The line that makes ASIM's parsers find ours, by the function that it belongs into, for the registrations that are not deployed. */
export function linesToAdd(deployed: readonly WorkspaceFunction[]): Readonly<Record<string, string>> {
  const aliases = new Set(deployed.map(({ alias }) => alias));
  const missing = registrations(deployed).filter(({ alias }) => !aliases.has(alias));
  return Object.fromEntries(missing.map(({ alias, query }) => [alias, query]));
}

/**
 * `Im_<Schema>Custom` and `ASim_<Schema>Custom`, which ASIM's unifying parsers call.
 * In an existing workspace they may be somebody's already, with parsers of their own in them.
 * @see https://learn.microsoft.com/azure/sentinel/normalization-manage-parsers
 */
function registrations(deployed: readonly WorkspaceFunction[]): WorkspaceFunction[] {
  const bySchema = Map.groupBy(
    deployed.filter(({ asim }) => asim !== undefined),
    ({ asim }) => asim as AsimSchema,
  );
  return [...bySchema].flatMap(([schema, parsers]) => {
    const register = (alias: string, parameters: string, names: readonly string[]): WorkspaceFunction => ({
      id: alias,
      alias,
      description: `Adds the parsers of SentinelOne's tables to ASIM's schema ${schema}.`,
      deployed: "new-workspace",
      parameters,
      query: `union isfuzzy=true\n${names.map((name) => `    ${callByName(name, parameters)}`).join(",\n")}`,
    });
    const filtering = parsers.map(({ alias }) => alias);
    return [
      register(`Im_${schema}Custom`, filterParameters(schema), filtering),
      register(`ASim_${schema}Custom`, plainParameters, filtering.map(plainName)),
    ];
  });
}

const plainName = (filtering: string) => filtering.replace(/^vim/, "ASim");

function latestOf(stream: Stream): WorkspaceFunction {
  const { name, query } = latestFunction(stream);
  const description = `The newest version of each object in ${stream.table}, once.`;
  return { id: `${stream.id}-latest`, alias: name, description, deployed: "always", parameters: "", query };
}

function functionFolders(root: string, vendor: Vendor): string[] {
  const folder = join(root, vendor, "functions");
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function readFunction(root: string, vendor: Vendor, name: string, problems: string[]): WorkspaceFunction[] {
  const folder = join(root, vendor, "functions", name);
  try {
    const query = withoutCommentLines(readFileSync(join(folder, "query.kql"), "utf8"));
    const { asim, ...own } = functionFile.parse(JSON.parse(readFileSync(join(folder, "function.json"), "utf8")));
    const named = (alias: string) => ({ ...own, id: alias, alias });
    if (asim === undefined) return [{ ...named(name), query }];
    const filtering = { ...named(`vim${name}`), parameters: filterParameters(asim), query, asim };
    const plain = { ...named(`ASim${name}`), parameters: plainParameters };
    return [filtering, { ...plain, query: callByName(filtering.alias, plainParameters) }];
  } catch (error) {
    const told = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    problems.push(`${vendor}/functions/${name}: ${told}`);
    return [];
  }
}
