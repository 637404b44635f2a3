import { readCatalog } from "../kql/catalog.ts";
import type { Fields } from "./fields.ts";

/** How long rows are kept, in which kind of table, and how many a day. */
export interface StoragePlan {
  readonly retentionDays: number;
  readonly totalRetentionDays: number;
  readonly basicStreams: readonly string[];
  readonly dailyCapGb: number | undefined;
}

const defaultDays = 90;

/** Azure counts in days up to two years, then in years. */
const yearsInDays = [1095, 1460, 1826, 2191, 2556, 2922, 3288, 3653, 4018, 4383];

/** Reads how rows are stored; what is wrong is added to the problems. */
export function parseStoragePlan(config: Fields): StoragePlan {
  const retentionDays = config.integer("retentionDays", 30, 730) ?? defaultDays;
  return {
    retentionDays,
    totalRetentionDays: parseTotal(config, retentionDays),
    basicStreams: parseBasic(config),
    dailyCapGb: parseCap(config),
  };
}

function parseTotal(config: Fields, retentionDays: number): number {
  const days = config.integer("totalRetentionDays", 0, 4383) ?? 0;
  if (days === 0) return retentionDays;
  if (days < retentionDays || (days > 730 && !yearsInDays.includes(days))) {
    const rule = `0 for as long as retentionDays, or ${retentionDays} (retentionDays) to 730, or ${yearsInDays.join(", ")}`;
    config.refuse("totalRetentionDays", rule);
  }
  return days;
}

function parseBasic(config: Fields): readonly string[] {
  const allowed = readCatalog().filter(({ basicAllowed }) => basicAllowed);
  const names = new Map(allowed.map(({ vendor, name, id }) => [`${vendor}/${name}`, id]));
  const rule = `a list of streams that rules and functions can do without, each once: ${[...names.keys()].join(", ")}`;
  const given = config.list("basicTables", rule) ?? [];
  const ids = given.flatMap((name) => (typeof name === "string" ? (names.get(name) ?? []) : []));
  if (ids.length !== given.length || new Set(ids).size !== ids.length) config.refuse("basicTables", rule);
  return Object.freeze(ids);
}

function parseCap(config: Fields): number | undefined {
  const cap = config.integer("dailyCapGb", 0, 5000) ?? 0;
  if (cap === 0) return undefined;
  if (config.has("workspaceId")) config.refuse("dailyCapGb", "0: an existing workspace's cap is its owner's to set");
  return cap;
}
