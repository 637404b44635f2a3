import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCatalog } from "../../kql/catalog.ts";
import { Deployment } from "../chaos/deployment.ts";
import { type Elsewhere, startElsewhere } from "../chaos/elsewhere.ts";
import { type Outcome, playSeed } from "../chaos/run.ts";

const apiToken = "canary-in-stack-config-5f1d0c";
const dataDir = mkdtempSync(join(tmpdir(), "chaos-"));
let deployment: Deployment;
let elsewhere: Elsewhere;

beforeAll(async () => {
  deployment = await Deployment.start({ dataDir, apiToken });
  elsewhere = await startElsewhere();
});
afterAll(async () => {
  await elsewhere[Symbol.asyncDispose]();
  await deployment[Symbol.asyncDispose]();
  rmSync(dataDir, { recursive: true, force: true });
});

/** What must not come of a seed. */
const flaws = ({ lost, twiceOutside, wrong }: Outcome) => [...lost, ...twiceOutside, ...wrong];

test("a seed plays the same again", async () => {
  const first = await playSeed(deployment, 33, { elsewhere });
  const again = await playSeed(deployment, 33, { elsewhere });
  expect([flaws(first), flaws(again)]).toEqual([[], []]);
  expect(again.trace).toBe(first.trace);
  expect(again.faults).toEqual(first.faults);
});

test("at its worst nothing is lost, twice is only what was in flight, and no secret is written anywhere", async () => {
  const outcome = await playSeed(deployment, 1, { elsewhere, harsh: true });
  expect(flaws(outcome)).toEqual([]);
  expect(outcome.rows).toBeGreaterThan(900);
  const { secrets, logged } = outcome;
  const written = new Map<string, Buffer>([["log", Buffer.from(logged.join("\n"))]]);
  for (const { table } of readCatalog()) written.set(table, Buffer.from(JSON.stringify(await deployment.query(table))));
  for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) written.set(file, readFileSync(file));
  }
  // Entities of the state tables, the settings of the app and its package are among the files.
  expect([...written.keys()].filter((name) => /azurite|sites|state/i.test(name)).length).toBeGreaterThan(3);
  const found = [...written].flatMap(([name, bytes]) =>
    [...secrets, apiToken]
      .filter((secret) => forms(secret).some((form) => bytes.includes(form)))
      .map((secret) => `${secret} in ${name}`),
  );
  expect(found).toEqual([]);
});

/** A secret as it stands, as a header or message carries it, and as two bytes a character. */
function forms(secret: string): Buffer[] {
  const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "").slice(0, -1);
  return [
    Buffer.from(secret),
    Buffer.from(base64),
    Buffer.from(secret, "utf16le"),
    Buffer.from(encodeURIComponent(secret)),
  ];
}
