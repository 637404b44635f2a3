import { describe, expect, test } from "vitest";
import { ownershipId, ownershipQuery } from "../../../components/ownership.ts";
import type { ResourceDocument, ResourceManager } from "../../../components/resource-manager.ts";
import { readCatalog, type Stream } from "../../../kql/catalog.ts";
import { compareWorkspace } from "../../../stacks/preflight/compare.ts";

const id = "/subscriptions/s/resourceGroups/RG-soc/providers/Microsoft.OperationalInsights/workspaces/log-soc";
const threats = readCatalog().find((stream) => stream.id === "sentinelone-threats") as Stream;
const everyColumn = threats.columns.map(({ name, type }) => ({
  name,
  type: type === "datetime" ? "dateTime" : type === "bool" ? "boolean" : type,
}));

/** A workspace as ARM shows it: Sentinel is on it, and of our tables there is one. */
interface Scene {
  readonly columns?: readonly object[] | undefined;
  readonly table?: Readonly<Record<string, unknown>>;
  readonly subType?: string;
  readonly searches?: readonly ({ readonly name: string } & Readonly<Record<string, string>>)[];
  readonly owner?: Parameters<typeof ownershipQuery>[0];
  readonly sentinel?: boolean;
  readonly content?: boolean;
  /** Whether the workspace is one that a stack made. */
  readonly own?: boolean;
  readonly functions?: Readonly<Record<string, "ours" | "skip">>;
}

function compare(scene: Scene) {
  const { columns, table = {}, subType = "DataCollectionRuleBased", searches = [], owner, sentinel = true } = scene;
  const marks = owner ? [{ name: ownershipId, query: ownershipQuery(owner) }] : [];
  const azure: ResourceManager = {
    get(asked) {
      const found = (properties: object): ResourceDocument => ({ id: asked, name: "", properties: { ...properties } });
      if (asked.endsWith("/onboardingStates/default")) return Promise.resolve(sentinel ? found({}) : undefined);
      if (!columns || asked !== `${id}/tables/${threats.table}`) return Promise.resolve(undefined);
      return Promise.resolve(found({ plan: "Analytics", ...table, schema: { tableSubType: subType, columns } }));
    },
    list: () =>
      Promise.resolve(
        [...searches, ...marks].map(({ name, ...properties }) => ({
          id: `${id}/savedSearches/${name}`,
          name,
          properties,
        })),
      ),
  };
  const workspace = { id, name: "log-soc" };
  const place = scene.own
    ? { workspace, resourceGroup: { id: "/subscriptions/s/resourceGroups/RG-soc", name: "" } }
    : { workspace };
  const content = { enabled: scene.content ?? true, rules: {}, hunting: {}, workbooks: {} };
  const settings = {
    functions: { SentinelOne: "skip", ...scene.functions } as const,
    totalRetentionDays: 90,
    basicStreams: [],
    content,
  };
  return compareWorkspace(place, settings, "soc/connector/prod", azure);
}

const ours = (mended = 0) => ({ stack: "soc/connector/prod", tables: { [threats.table]: mended } });

describe("a table", () => {
  test("that is not there is created", async () => {
    const { existing, problems } = await compare({});
    expect({ existing, problems }).toEqual({
      existing: { adopted: { tables: {} }, tables: {} },
      problems: [],
    });
  });

  test("of somebody's is taken over with the columns that are only theirs, as far as the API takes them", async () => {
    const theirs = { name: "Zone", type: "string", displayName: "Zone", isDefaultDisplay: true, isHidden: false };
    const { existing, problems } = await compare({
      columns: [theirs, { name: "Id", type: "string" }, { name: "Area", type: "int" }],
    });
    expect(problems).toEqual([]);
    expect(existing.adopted.tables).toEqual({ [threats.table]: `${id}/tables/${threats.table}` });
    expect(existing.tables[threats.table]).toEqual({
      otherColumns: [
        { name: "Area", type: "int" },
        { name: "Zone", type: "string", displayName: "Zone" },
      ],
      mended: 0,
    });
  });

  test("that is the stack's already is not taken over again, whatever was added to it", async () => {
    const { existing } = await compare({ owner: ours(2), columns: [...everyColumn, { name: "Zone", type: "string" }] });
    expect(existing.adopted).toEqual({ tables: {} });
    expect(existing.tables[threats.table]).toEqual({ otherColumns: [{ name: "Zone", type: "string" }], mended: 2 });
  });

  test.each([
    ["lacks a column", everyColumn.filter(({ name }) => name !== "Connection")],
    ["is gone", undefined],
  ])("that is the stack's and %s is mended", async (_, columns) => {
    const { existing, problems } = await compare({ owner: ours(2), columns });
    expect(problems).toEqual([]);
    expect(existing.tables[threats.table]).toMatchObject({ mended: 3 });
    expect(existing.adopted.tables).toEqual({});
  });

  test("whose new column was never deployed is not mended for it", async () => {
    const columns = everyColumn.filter(({ name }) => name !== "Connection");
    const latest = {
      name: "SentinelOneThreatsLatest",
      query: `| project ${columns.map(({ name }) => name).join(", ")}`,
    };
    const { existing } = await compare({ owner: ours(2), columns, searches: [latest] });
    expect(existing.tables[threats.table]).toMatchObject({ mended: 2 });
    const without = columns.filter(({ name }) => name !== "Id");
    const changed = await compare({ owner: ours(2), columns: without, searches: [latest] });
    expect(changed.existing.tables[threats.table]).toMatchObject({ mended: 3 });
  });

  // REST reference, Tables - Get: TimeGenerated may be shown among the standard columns, and types in another case
  test("is not mended for how Azure shows it", async () => {
    const shown = everyColumn
      .filter(({ name }) => name !== "TimeGenerated")
      .map((column) => ({ ...column, type: column.type.toLowerCase() }));
    const { existing, problems } = await compare({ owner: ours(), columns: shown });
    expect(problems).toEqual([]);
    expect(existing.tables[threats.table]).toMatchObject({ mended: 0 });
  });

  test.each<[string, Scene, string]>([
    [
      "a classic one",
      { subType: "Classic" },
      `table migrate --resource-group RG-soc --workspace-name log-soc --table-name ${threats.table}`,
    ],
    [
      "a column of another type",
      { columns: [{ name: "Connection", type: "int" }] },
      `Column Connection of table ${threats.table} is of type int, and has to be of type string`,
    ],
    [
      "rows that would be cut off",
      { table: { totalRetentionInDays: 365 } },
      `keeps its rows for 365 days, and this stack would cut that to 90`,
    ],
    ["a plan without transformation", { table: { plan: "Auxiliary" } }, "is of the plan Auxiliary"],
    [
      "more columns than Azure takes",
      { columns: Array.from({ length: 500 }, (_, n) => ({ name: `Other${n}`, type: "int" })) },
      "Azure takes 500",
    ],
  ])("of somebody's is refused: %s", async (_, scene, problem) => {
    const { problems } = await compare({ columns: [], ...scene });
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });

  test("of the stack's own follows its settings, also to less", async () => {
    const scene = { owner: ours(), columns: everyColumn, table: { totalRetentionInDays: 365 } };
    expect((await compare(scene)).problems).toEqual([]);
  });
});

describe("a function's alias", () => {
  const theirs = {
    name: "parser",
    category: "Parsers",
    displayName: "All of it",
    functionAlias: "SentinelOneThreatsLatest",
  };

  test("that somebody else has is refused by name, and taken or left as the stack says", async () => {
    const { problems } = await compare({ searches: [theirs] });
    expect(problems).toEqual([
      expect.stringContaining(`saved search "All of it" (category "Parsers"), ${id}/savedSearches/parser.`),
    ]);
    const skipped = await compare({ searches: [theirs], functions: { SentinelOneThreatsLatest: "skip" } });
    expect([...skipped.problems, ...skipped.warnings]).toEqual([]);
    const taken = await compare({ searches: [theirs], functions: { SentinelOneThreatsLatest: "ours" } });
    expect(taken).toMatchObject({ problems: [], warnings: [expect.stringContaining("fails until it is gone")] });
  });

  test("that the connector's own function has stands in nobody's way, whoever the workspace belongs to", async () => {
    const own = { ...theirs, name: "sentinelonethreatslatest", category: "SentinelOne and Valence connector" };
    expect((await compare({ searches: [own] })).problems).toEqual([]);
    expect((await compare({ searches: [own], owner: ours() })).problems).toEqual([]);
  });

  test("that a copy of the connector's own function has is refused like any other", async () => {
    const copy = { ...theirs, category: "SentinelOne and Valence connector" };
    expect((await compare({ searches: [copy] })).problems).toEqual([expect.stringContaining("/savedSearches/parser.")]);
  });
});

describe("a workspace", () => {
  test("of another stack is refused, and its owner named", async () => {
    const { problems } = await compare({ owner: { stack: "soc/connector/staging", tables: {} } });
    expect(problems).toEqual([expect.stringContaining("belongs to the stack soc/connector/staging")]);
  });

  test("of another stack takes rows of one without content, as soon as all its tables are there", async () => {
    const owner = { stack: "soc/connector/staging", tables: {} };
    const { existing, problems } = await compare({ owner, content: false, columns: everyColumn });
    expect(existing).toEqual({ adopted: { tables: {} }, isGuest: true, tables: {} });
    expect(problems).toEqual([expect.stringContaining("belong to the stack soc/connector/staging, and lack")]);
    expect(problems[0]).not.toContain(threats.table);
    const missing = everyColumn.filter(({ name }) => name !== "Connection");
    expect((await compare({ owner, content: false, columns: missing })).problems[0]).toContain(threats.table);
  });

  test("of somebody's needs Sentinel on it", async () => {
    expect((await compare({ sentinel: false })).problems).toEqual([expect.stringContaining("Sentinel is not enabled")]);
    expect((await compare({ sentinel: false, own: true })).problems).toEqual([]);
  });

  test("that a destroyed stack left is taken over with its group, and not by the stack that it belongs to", async () => {
    const { existing } = await compare({ own: true });
    expect(existing.adopted).toMatchObject({
      resourceGroup: "/subscriptions/s/resourceGroups/RG-soc",
      workspace: id,
      onboarding: expect.stringContaining("/onboardingStates/default"),
    });
    expect((await compare({ own: true, owner: ours() })).existing.adopted).toEqual({ tables: {} });
  });
});
