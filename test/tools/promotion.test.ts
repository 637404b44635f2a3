import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf, renderChanges } from "../../tools/promotion/approval.ts";
import { unknownDrift } from "../../tools/promotion/known-drift.ts";
import { DigestError, parseChanges } from "../../tools/promotion/preview-digest.ts";

const root = join(import.meta.dirname, "../..");

interface Step {
  readonly op: string;
  readonly name: string;
  readonly type?: string;
  readonly diff?: readonly string[];
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/** As the CLI prints it: 3.260, `pulumi preview --json`. */
function preview(steps: readonly Step[]): string {
  return JSON.stringify({
    config: { "sentinelone-valence-connector:location": "westeurope" },
    steps: steps.map(({ op, name, type = "azure-native:operationalinsights:Table", diff, inputs }) => ({
      op,
      urn: `urn:pulumi:dev::sentinelone-valence-connector::connector:index:Connector$${type}::${name}`,
      ...(diff && {
        detailedDiff: Object.fromEntries(diff.map((path) => [path, { kind: "update", inputDiff: true }])),
      }),
      newState: { urn: "", custom: true, type, inputs },
    })),
    duration: 1_500_000_000,
    changeSummary: {},
  });
}

const changed: readonly Step[] = [
  { op: "same", name: "threats", inputs: { retentionInDays: 90 } },
  {
    op: "update",
    name: "agents",
    diff: ["schema.columns[3]"],
    inputs: { schema: { columns: ["a"] }, plan: "Analytics" },
  },
  { op: "create", name: "notes", inputs: { plan: "Analytics" } },
];

describe("changes", () => {
  test("names what would be done to which resource, and leaves out what stays", () => {
    const changes = parseChanges(preview(changed), "preview.json");
    expect(changes.map(({ op, name, properties }) => [op, name, properties])).toEqual([
      ["update", "agents", ["schema.columns[3]"]],
      ["create", "notes", []],
    ]);
    const text = renderChanges(changes, digestOf(changes));
    expect(text).toContain("1 to update, 1 to create");
    expect(text).toContain("| update | agents | `azure-native:operationalinsights:Table` | `schema.columns[3]` |");
    expect(text).not.toContain("threats");
  });

  test("two previews of the same changes have one digest, whatever the order of steps and keys", () => {
    const [same, update, create] = changed as [Step, Step, Step];
    const turned = { ...update, inputs: { plan: "Analytics", schema: { columns: ["a"] } } };
    expect(digestOf(parseChanges(preview([create, turned]), ""))).toBe(
      digestOf(parseChanges(preview([same, update, create]), "")),
    );
  });

  test.each([
    ["another operation", { op: "replace" }],
    ["another property", { diff: ["plan"] }],
    ["another value", { inputs: { schema: { columns: ["b"] }, plan: "Analytics" } }],
    ["another resource", { name: "agents2" }],
  ])("%s has another digest", (_, change) => {
    const [, update] = changed as [Step, Step, Step];
    expect(digestOf(parseChanges(preview([{ ...update, ...change }]), ""))).not.toBe(
      digestOf(parseChanges(preview([update]), "")),
    );
  });

  test("fits into a comment however much changes, and says what it left out", () => {
    const many = Array.from({ length: 2000 }, (_, i) => ({ op: "create", name: `resource-${i}` }));
    const changes = parseChanges(preview(many), "");
    const text = renderChanges(changes, digestOf(changes));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/… and \d+ more/);
  });

  test("says what is wrong with a file that the CLI did not write", () => {
    expect(() => parseChanges("error: no stack", "preview.json")).toThrow(DigestError);
    expect(() => parseChanges('{"steps": [{"op": 1}]}', "preview.json")).toThrow(/preview\.json is not what/);
  });
});

describe("drift", () => {
  const known = [{ type: "azure-native:web:WebApp", property: "siteConfig", because: "Azure fills in defaults." }];
  const drift = (step: Step) => unknownDrift(parseChanges(preview([step]), ""), known);

  test("leaves known noise out, and nothing else", () => {
    const app = { op: "update", name: "app", type: "azure-native:web:WebApp" };
    expect(drift({ ...app, diff: ["siteConfig.minTlsVersion"] })).toEqual([]);
    expect(drift({ ...app, diff: ["siteConfigs"] })).toHaveLength(1);
    expect(drift({ ...app, diff: ["siteConfig", "httpsOnly"] })[0]?.properties).toEqual(["httpsOnly"]);
    expect(drift({ op: "update", name: "table", diff: ["siteConfig"] })).toHaveLength(1);
  });

  test("a resource that is gone is drift, whatever is known of its type", () => {
    expect(drift({ op: "delete", name: "app", type: "azure-native:web:WebApp" })).toHaveLength(1);
  });
});

describe("the command", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "promotion-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const command = join(root, "tools/promotion.ts");

  test("approves what was approved, refuses anything else, and tells the workflow which", () => {
    const [approved, other, outputs] = ["approved.json", "other.json", "outputs"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(approved, preview(changed));
    writeFileSync(other, preview(changed.slice(0, 2)));
    execFileSync(process.execPath, [command, "changes", approved, "--outputs", outputs]);
    const [, digest = ""] = /digest<<(?:.*)\n([0-9a-f]{64})\n/.exec(readFileSync(outputs, "utf8")) ?? [];
    const again = spawnSync(process.execPath, [command, "changes", approved, "--expect", digest, "--outputs", outputs]);
    expect(again.status).toBe(0);
    const refused = spawnSync(process.execPath, [command, "changes", other, "--expect", digest, "--outputs", outputs]);
    expect(refused.status).toBe(1);
    expect(refused.stderr.toString()).toContain("is not what was approved");
    expect(readFileSync(outputs, "utf8").match(/is-expected<<.*\n(true|false)/g)).toHaveLength(3);
    expect(readFileSync(outputs, "utf8")).toMatch(/is-expected<<.*\nfalse\n.*\n$/);
  });
});
