import * as pulumi from "@pulumi/pulumi";
import { type Cloud, clouds } from "../components/cloud.ts";
import type { ConnectorArgs } from "../components/connector.ts";
import { isWorkspaceId } from "../components/workspace.ts";
import { readCatalog } from "../kql/catalog.ts";
import { type FunctionChoices, functionAliases, readFunctions } from "../kql/catalog-functions.ts";
import { parseConnections } from "./connections.ts";
import { parseContent } from "./content.ts";
import { parseDuration } from "./duration.ts";
import { Fields } from "./fields.ts";
import { parseOperators } from "./operators.ts";
import { parseNetwork } from "./private-network.ts";
import { type Problem, SettingsError } from "./problem.ts";
import { parseStoragePlan } from "./storage-plan.ts";

/** Everything that a stack may decide; `Pulumi.yaml` describes each setting for the operator. */
export type Settings = Readonly<Omit<ConnectorArgs, "stack" | "existing" | "code">>;

/** Used where the stack says nothing; `Pulumi.yaml` shows the same. */
const defaults = {
  protectData: true,
  sinceHours: 24,
  holdBackSeconds: 120,
  overlapSeconds: 600,
  ledgerDays: 8,
  snapshotHours: 6,
  idleMinutes: 5,
  instanceMemoryMb: 512,
  maximumInstances: 40,
} as const;

/** Settings of the stack that is being evaluated. Rejects with one `SettingsError` that names all that is wrong. */
export async function readSettings(): Promise<Settings> {
  const project = `${pulumi.getProject()}:`;
  const config = new pulumi.Config();
  const values: Record<string, unknown> = {};
  for (const key of Object.keys(pulumi.runtime.allConfig())) {
    if (key.startsWith(project)) values[key.slice(project.length)] = await plain(config, key.slice(project.length));
  }
  return parseSettings(values, {
    stack: pulumi.getStack(),
    environment: new pulumi.Config("azure-native").get("environment"),
    isEncrypted: (key) => isConfigSecret(project + key),
  });
}

/** Exported by the SDK, and left out of its declarations. True for a list as soon as anything in it is a secret. */
const { isConfigSecret } = pulumi.runtime as unknown as { readonly isConfigSecret: (key: string) => boolean };

/**
 * The value as text, secret or not. The tokens among it become secret again in `parseConnections`; names and addresses must be plain,
 * since they decide which resources exist. Read raw, as the SDK's own complaint about bad JSON would quote it.
 */
function plain(config: pulumi.Config, key: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const secret = config.getSecret(key);
    if (secret) secret.apply(resolve);
    else resolve(undefined);
  });
}

/** What config says besides its values. */
export interface ConfigOrigin {
  readonly stack: string;
  /** The provider's own setting `azure-native:environment`. */
  readonly environment: string | undefined;
  /** Whether a setting, or anything in it, was set as a secret. */
  readonly isEncrypted: (key: string) => boolean;
}

/** Pure part of `readSettings`. Throws `SettingsError`. */
export function parseSettings(
  values: Readonly<Record<string, unknown>>,
  { stack, environment, isEncrypted }: ConfigOrigin,
): Settings {
  const problems: Problem[] = [];
  const fields = new Fields(values, "", problems);
  const cloud = parseCloud(environment, problems);
  const parties = parseConnections(fields, isEncrypted("connections"));
  const settings: Settings = {
    cloud,
    location: parseLocation(fields),
    tags: parseTags(fields),
    workspaceId: fields.text(
      "workspaceId",
      "/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.OperationalInsights/workspaces/<name>, or nothing for a new workspace",
      isWorkspaceId,
    ),
    ...parseStoragePlan(fields),
    auditLogs: fields.boolean("auditLogs") ?? false,
    resourceLocks: fields.boolean("resourceLocks") ?? false,
    protectData: fields.boolean("protectData") ?? defaults.protectData,
    network: parseNetwork(fields, parties.pushers, cloud),
    ...parties,
    operators: parseOperators(fields),
    alertEmails: parseEmails(fields),
    functions: parseFunctions(fields),
    content: parseContent(fields),
    collection: Object.freeze({
      sinceHours: parseSince(fields) ?? defaults.sinceHours,
      holdBackSeconds: fields.integer("holdBackSeconds", 0, 3600) ?? defaults.holdBackSeconds,
      overlapSeconds: fields.integer("overlapSeconds", 0, 43_200) ?? defaults.overlapSeconds,
      ledgerDays: fields.integer("ledgerDays", 1, 90) ?? defaults.ledgerDays,
      snapshotHours: fields.integer("snapshotHours", 1, 168) ?? defaults.snapshotHours,
      idleMinutes: fields.integer("idleMinutes", 1, 60) ?? defaults.idleMinutes,
    }),
    instanceMemoryMb: Number(fields.oneOf("instanceMemoryMb", ["512", "2048", "4096"]) ?? defaults.instanceMemoryMb),
    maximumInstances: fields.integer("maximumInstances", 1, 1000) ?? defaults.maximumInstances,
  };
  fields.refuseUnknown();
  if (problems.length > 0) throw new SettingsError(stack, problems);
  return Object.freeze(settings);
}

function parseCloud(environment: string | undefined, problems: Problem[]): Cloud {
  const cloud = clouds.find((known) => known === (environment ?? "public"));
  if (cloud) return cloud;
  const isChina = environment === "china";
  problems.push({
    setting: "azure-native:environment",
    given: `was given ${JSON.stringify(environment)}`,
    allowed: `${clouds.join(", ")}${isChina ? ": Microsoft retired Sentinel in Azure operated by 21Vianet on 2026-08-18" : ""}`,
    fix: "pulumi config rm azure-native:environment",
  });
  return "public";
}

function parseLocation(fields: Fields): string {
  const rule = "an Azure region by its short name, e.g. westeurope";
  if (!fields.has("location")) fields.refuse("location", rule);
  return fields.text("location", rule, (text) => /^[a-z]+[0-9]?$/.test(text)) ?? "";
}

function parseSince(fields: Fields): number | undefined {
  const text = fields.text("since", "a duration: 90m, 24h, 7d, 2w", (value) => parseDuration(value) !== undefined);
  return text === undefined ? undefined : parseDuration(text);
}

function parseFunctions(fields: Fields): FunctionChoices {
  const aliases = new Set(functionAliases(readFunctions(readCatalog())));
  const rule = `an object of ours or skip, by alias; aliases: ${[...aliases].join(", ")}`;
  const choices = fields.object("functions", rule) ?? {};
  const good = Object.entries(choices).every(
    ([alias, choice]) => aliases.has(alias) && (choice === "ours" || choice === "skip"),
  );
  if (!good) fields.refuse("functions", rule);
  return Object.freeze(good ? (choices as FunctionChoices) : {});
}

function parseEmails(fields: Fields): readonly string[] {
  const rule = "a list of email addresses, each once";
  const emails = fields.list("alertEmails", rule) ?? [];
  const good =
    emails.every((email) => typeof email === "string" && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) &&
    new Set(emails).size === emails.length;
  if (!good) fields.refuse("alertEmails", rule);
  return Object.freeze(good ? (emails as string[]) : []);
}

/** What Azure accepts on every kind of resource: storage accounts allow the shortest names. */
function parseTags(fields: Fields): Readonly<Record<string, string>> {
  const rule = "an object of texts: at most 40, names up to 128 characters without < > % & \\ ? /, values up to 256";
  const tags = fields.object("tags", rule) ?? {};
  const good =
    Object.keys(tags).length <= 40 &&
    Object.entries(tags).every(
      ([name, value]) => /^[^<>%&\\?/]{1,128}$/.test(name) && typeof value === "string" && value.length <= 256,
    );
  if (!good) fields.refuse("tags", rule);
  return Object.freeze(good ? (tags as Record<string, string>) : {});
}
