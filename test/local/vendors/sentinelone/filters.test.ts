import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DAY, type Json, MORNING, openConsole, type TestConsole } from "../console.ts";

/** The filters that each feed documents, and where a record holds what they compare. A filter that is not listed here is not tested. */
interface FeedUnderTest {
  readonly path: string;
  readonly operators: readonly string[];
  readonly times: Readonly<Record<string, (row: Json) => string | null>>;
  readonly sets: Readonly<Record<string, (row: Json) => Scalar>>;
}

const COMPARISONS = ["gt", "gte", "lt", "lte"] as const;

type Scalar = string | number | boolean | null;

const at = (path: string) => (row: Json) =>
  path.split(".").reduce<unknown>((value, key) => (value as Json | null)?.[key] ?? null, row) as Scalar;
const time = (path: string) => at(path) as (row: Json) => string | null;
const shouted = (path: string) => (row: Json) => (at(path)(row) as string).toUpperCase().replaceAll(" ", "_");

const FEEDS: readonly FeedUnderTest[] = [
  {
    path: "/activities",
    operators: [...COMPARISONS, "between"],
    times: { createdAt: time("createdAt") },
    sets: {
      ids: at("id"),
      activityTypes: at("activityType"),
      activityUuids: at("activityUuid"),
      accountIds: at("accountId"),
      siteIds: at("siteId"),
      groupIds: at("groupId"),
      agentIds: at("agentId"),
      threatIds: at("threatId"),
      userIds: at("userId"),
    },
  },
  {
    path: "/threats",
    operators: COMPARISONS,
    times: { createdAt: time("threatInfo.createdAt"), updatedAt: time("threatInfo.updatedAt") },
    sets: {
      ids: at("id"),
      accountIds: at("agentDetectionInfo.accountId"),
      siteIds: at("agentDetectionInfo.siteId"),
      groupIds: at("agentDetectionInfo.groupId"),
      agentIds: at("agentRealtimeInfo.agentId"),
      contentHashes: at("threatInfo.sha1"),
      storylines: at("threatInfo.storyline"),
      classifications: at("threatInfo.classification"),
      confidenceLevels: at("threatInfo.confidenceLevel"),
      mitigationStatuses: at("threatInfo.mitigationStatus"),
      incidentStatuses: at("threatInfo.incidentStatus"),
      analystVerdicts: at("threatInfo.analystVerdict"),
      osTypes: at("agentRealtimeInfo.agentOsType"),
      resolved: (row) => at("threatInfo.incidentStatus")(row) === "resolved",
    },
  },
  {
    path: "/agents",
    operators: [...COMPARISONS, "between"],
    times: {
      createdAt: time("createdAt"),
      updatedAt: time("updatedAt"),
      registeredAt: time("registeredAt"),
      lastActiveDate: time("lastActiveDate"),
      lastSuccessfulScanDate: time("lastSuccessfulScanDate"),
      decommissionedAt: time("decommissionedAt"),
    },
    sets: {
      ids: at("id"),
      uuids: at("uuid"),
      computerName: at("computerName"),
      accountIds: at("accountId"),
      siteIds: at("siteId"),
      groupIds: at("groupId"),
      osTypes: at("osType"),
      machineTypes: at("machineType"),
      agentVersions: at("agentVersion"),
      infected: at("infected"),
      isActive: at("isActive"),
      isDecommissioned: at("isDecommissioned"),
    },
  },
  {
    path: "/groups",
    operators: COMPARISONS,
    times: { updatedAt: time("updatedAt") },
    sets: {
      groupIds: at("id"),
      id: at("id"),
      siteIds: at("siteId"),
      name: at("name"),
      type: at("type"),
      types: at("type"),
      isDefault: at("isDefault"),
    },
  },
  {
    path: "/cloud-detection/alerts",
    operators: COMPARISONS,
    times: { createdAt: time("alertInfo.createdAt"), reportedAt: time("alertInfo.reportedAt") },
    sets: {
      ids: at("alertInfo.alertId"),
      accountIds: at("agentDetectionInfo.accountId"),
      siteIds: at("agentDetectionInfo.siteId"),
      severity: at("ruleInfo.severity"),
      incidentStatus: shouted("alertInfo.incidentStatus"),
      analystVerdict: shouted("alertInfo.analystVerdict"),
      osType: at("agentDetectionInfo.osFamily"),
      machineType: at("agentDetectionInfo.machineType"),
    },
  },
];

/** Nanoseconds, so that every number of fractional digits compares exactly. */
const nanoseconds = (iso: string): bigint => {
  const [seconds, fraction = ""] = iso.replace("Z", "").split(".") as [string, string?];
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
};

function passes(value: string | null, operator: string, operand: string): boolean {
  if (value === null) return false;
  const instant = nanoseconds(value);
  if (operator === "between") {
    const [from, to] = operand.split("-").map((part) => BigInt(part) * 1_000_000n) as [bigint, bigint];
    return instant >= from && instant <= to;
  }
  const edge = nanoseconds(operand);
  return { gt: instant > edge, gte: instant >= edge, lt: instant < edge, lte: instant <= edge }[operator] ?? false;
}

/** Activities are many even in the smallest console. */
let tiny: TestConsole;
let console: TestConsole;
beforeAll(async () => {
  tiny = await openConsole({ scale: 0.002 });
  console = await openConsole({ scale: 0.1 });
});
afterAll(async () => {
  await tiny.simulator.close();
  await console.simulator.close();
});

const instants = (rows: readonly Json[], read: (row: Json) => string | null) => {
  const known = rows.map(read).filter((text) => text !== null);
  const anywhere = fc
    .integer({ min: MORNING - 25 * DAY, max: MORNING })
    .map((milliseconds) => new Date(milliseconds).toISOString());
  // Instants of real rows, so that the edges are met; written with any number of digits.
  const written = fc.tuple(fc.constantFrom(...known), fc.integer({ min: 0, max: 9 })).map(([text, digits]) => {
    const fraction = text.slice(20, -1).padEnd(9, "0").slice(0, Math.max(digits, 0));
    return `${text.slice(0, 19)}${fraction === "" ? "" : `.${fraction}`}Z`;
  });
  return known.length === 0 ? anywhere : fc.oneof(anywhere, fc.constantFrom(...known), written);
};

/** For `between`, which knows milliseconds only; those of real rows among them. */
const milliseconds = (rows: readonly Json[], read: (row: Json) => string | null) => {
  const known = rows.map(read).filter((text) => text !== null);
  const anywhere = fc.integer({ min: MORNING - 25 * DAY, max: MORNING });
  return known.length === 0
    ? anywhere
    : fc.oneof(
        anywhere,
        fc.constantFrom(...known).map((text) => Date.parse(text)),
      );
};

test.each(FEEDS)("every filter of $path lets through what it says, and nothing else", async (feed) => {
  const subject = feed.path === "/activities" ? tiny : console;
  const rows = await subject.walk(`${feed.path}?limit=1000`);
  expect(rows.length).toBeGreaterThan(10);
  const timeFilter = fc.constantFrom(...Object.keys(feed.times)).chain((name) => {
    const read = feed.times[name] as (row: Json) => string | null;
    return fc.constantFrom(...feed.operators).chain((operator) =>
      operator === "between"
        ? fc
            .tuple(milliseconds(rows, read), fc.oneof(fc.nat(5 * DAY), fc.constant(0)), fc.boolean())
            .map(([edge, span, isLower]) => ({
              name: `${name}__between`,
              operand: isLower ? `${edge}-${edge + span}` : `${edge - span}-${edge}`,
              read,
              operator,
            }))
        : instants(rows, read).map((operand) => ({ name: `${name}__${operator}`, operand, read, operator })),
    );
  });
  const setFilter = fc.constantFrom(...Object.keys(feed.sets)).chain((name) => {
    const read = feed.sets[name] as (row: Json) => Scalar;
    const values = [...new Set(rows.map((row) => String(read(row) ?? "absent")))];
    return fc
      .uniqueArray(fc.constantFrom(...values, "nothing"), { minLength: 1, maxLength: 4 })
      .map((allowed) => ({ name, allowed, read }));
  });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(timeFilter, { maxLength: 3, selector: ({ name }) => name }),
      fc.uniqueArray(setFilter, { maxLength: 2, selector: ({ name }) => name }),
      async (times, sets) => {
        const query = new URLSearchParams({ limit: "1000" });
        for (const { name, operand } of times) query.set(name, operand);
        for (const { name, allowed } of sets) query.set(name, allowed.join(","));
        const expected = rows.filter(
          (row) =>
            times.every(({ read, operator, operand }) => passes(read(row), operator, operand)) &&
            sets.every(({ read, allowed }) => allowed.includes(String(read(row) ?? null))),
        );
        const actual = await subject.walk(`${feed.path}?${query.toString()}`);
        expect(new Set(actual.map((row) => JSON.stringify(row)))).toEqual(
          new Set(expected.map((row) => JSON.stringify(row))),
        );
        expect(actual).toHaveLength(expected.length);
      },
    ),
    { numRuns: 40 },
  );
});

test("between includes both ends", async () => {
  const [row] = (await console.page("/agents?limit=1")).data as [Json];
  const registered = Date.parse(row["registeredAt"]);
  const ids = async (from: number, to: number) =>
    (await console.page(`/agents?limit=1000&registeredAt__between=${from}-${to}`)).data.map(({ id }) => id as string);
  expect(await ids(registered, registered + DAY)).toContain(row["id"]);
  expect(await ids(registered - DAY, registered)).toContain(row["id"]);
  expect(await ids(registered - DAY, registered - 1)).not.toContain(row["id"]);
  expect(await ids(registered + 1, registered + DAY)).not.toContain(row["id"]);
});

test("activities are found by the alert and the rule that caused them", async () => {
  const [alert] = (await console.page("/cloud-detection/alerts?limit=1&sortBy=alertInfoCreatedAt")).data as [Json];
  const alertId = (alert["alertInfo"] as Json)["alertId"] as string;
  const { data } = await console.page(`/activities?alertIds=${alertId}`);
  expect(data).toHaveLength(1);
  expect([3608, 3784]).toContain(data[0]?.["activityType"]);
  const ruleId = (alert["ruleInfo"] as Json)["id"] as string;
  expect((await console.walk(`/activities?ruleIds=${ruleId}`)).map((row) => row["id"])).toContain(data[0]?.["id"]);
});

test("activities are found by the mail address of who did it", async () => {
  const rows = await console.walk("/activities?limit=1000&activityTypes=27");
  const user = rows[0]?.["userId"] as string;
  const name = rows[0]?.["data"].username as string;
  const email = `${name
    .normalize("NFD")
    .replaceAll("ø", "o")
    .replaceAll(/[^A-Za-z ]/g, "")
    .replace(" ", ".")
    .toLowerCase()}@halvorsen.example`;
  const found = await console.walk(`/activities?limit=1000&activityTypes=27&userEmails=${email}`);
  expect(found).toEqual(rows.filter((row) => row["userId"] === user));
});

test("agents are found by when their newest threat was created", async () => {
  const threats = await console.walk("/threats?limit=1000&sortBy=createdAt");
  const newest = threats.at(-1) as Json;
  const createdAt = (newest["threatInfo"] as Json)["createdAt"] as string;
  const { data } = await console.page(`/agents?threatCreatedAt__gte=${createdAt}`);
  expect(data.map((row) => row["id"])).toEqual([(newest["agentRealtimeInfo"] as Json)["agentId"]]);
});
