import { expect, test } from "vitest";
import { json } from "../../../../local/vendors/server.ts";
import { day, hour, minute, SimulatedConsole } from "./simulated-console.ts";

const open = (options?: Parameters<typeof SimulatedConsole.open>[1]) =>
  SimulatedConsole.open("applications", { scale: 0.05, ...options });
type Row = SimulatedConsole["records"][number];
const keyOf = ({ id, cpe }: Row) => `${id}|${cpe ?? ""}`;

const list = "/web/api/v2.1/application-management/inventory";
/** Names of the applications whose endpoints were asked for. */
const asked = (console: SimulatedConsole, from = 0) =>
  console.asked
    .slice(from)
    .filter(({ path }) => path === `${list}/endpoints`)
    .map(({ query }) => query.get("applicationName"));

test("every application on every endpoint comes with its vendor, and later only what is new or changed", async () => {
  await using console = await open();
  expect(await console.collect()).toMatchObject({ status: "ok", caughtUp: true });
  expect(console.records.map(keyOf).sort()).toEqual(console.source);
  const vendors = new Map(console.records.map((row) => [row["applicationName"], row["connectorApplicationVendor"]]));
  expect(vendors.get("Quill++")).toBe("The Quill Foundation");
  expect([...vendors.values()]).not.toContain(undefined);

  for (let walk = 1; walk <= 6; walk++) {
    const known = new Set(console.records.map(keyOf));
    const before = console.records.length;
    console.clock.time += day;
    await console.collect();
    const news = console.source.filter((key) => !known.has(key));
    expect(console.records.slice(before).map(keyOf).sort()).toEqual(news);
  }
  expect(console.records.length).toBeGreaterThan(new Set(console.records.map(({ id }) => id)).size);
});

test("all of them are sent again every four weeks", async () => {
  await using console = await open();
  await console.collect();
  const before = console.records.length;
  console.clock.time += 28 * day;
  await console.collect();
  expect(console.records.slice(before).map(keyOf).sort()).toEqual(console.source);
});

test("the console's budget of three requests a second, without a burst, is enough", async () => {
  await using console = await open({ rateLimits: true });
  expect(await console.collect()).toMatchObject({ status: "ok", retries: 0 });
});

test("a run whose time is up goes on behind the last application", async () => {
  await using console = await open({
    frozen: true,
    scale: 0.2,
    intercept: ({ path }) => {
      // The run ends between two times at which the place is kept.
      if (path.startsWith(list)) console.clock.time += 28_000;
      return undefined;
    },
  });
  let runs = 0;
  while (!(await console.collect()).caughtUp) runs++;
  expect(runs).toBeGreaterThan(0);
  expect(new Set(asked(console)).size).toBe(asked(console).length);
  expect(console.records.map(keyOf).sort()).toEqual(console.source);
});

test("a worker that dies loses half a minute of work, and sends nothing twice", async () => {
  const death = new AbortController();
  await using console = await open({
    frozen: true,
    intercept: ({ path }) => {
      if (path.startsWith(list)) console.clock.time += 5000;
      if (console.asked.length === 15) death.abort(new Error("stopping"));
      return undefined;
    },
  });
  await console.collect({ stopping: death.signal });
  const before = console.asked.length;
  expect(before).toBe(15);
  expect(await console.collect()).toMatchObject({ caughtUp: true });
  const again = asked(console, before).filter((name) =>
    asked(console)
      .slice(0, before - 1)
      .includes(name),
  );
  expect(again.length).toBeLessThan(8);
  expect(console.records.map(keyOf).sort()).toEqual(console.source);
});

test("where the application that a run came to is gone, the next begins again", async () => {
  await using console = await open({
    frozen: true,
    intercept: ({ path }) => {
      if (path.startsWith(list)) console.clock.time += 2 * minute;
      return undefined;
    },
  });
  await console.collect();
  const stored = await console.worker.context.checkpoints.read("emea", "sentinelone-applications");
  const { progress } = stored?.entity ?? {};
  const last = asked(console).at(-1) ?? "";
  expect(progress).toContain(last);
  if (stored && progress !== undefined)
    await console.worker.context.checkpoints.write(
      { ...stored.entity, progress: progress.replace(last, "Gone") },
      stored.etag,
    );

  const before = console.asked.length;
  while (!(await console.collect()).caughtUp);
  expect(new Set(asked(console, before))).toEqual(new Set(asked(console)));
  expect(console.records.map(keyOf).sort()).toEqual(console.source);
});

test("pages of one application are followed, but no cursor is kept for another run", async () => {
  const page = (ids: readonly string[], nextCursor: string | null) =>
    json(200, JSON.stringify({ data: ids.map((id) => ({ id, version: "1" })), pagination: { nextCursor } }));
  await using console = await open({
    intercept: ({ path, query }) => {
      if (path === list) return json(200, '{"data":[{"applicationName":"A, B & C","applicationVendor":""}]}');
      if (path !== `${list}/endpoints`) return undefined;
      // The first run is over behind its first page.
      if (console.asked.length === 2) console.clock.time += 25 * minute;
      return query.get("cursor") === "second" ? page(["3"], null) : page(["1", "2"], "second");
    },
  });
  expect(await console.collect()).toMatchObject({ caughtUp: false });
  const cursors = () => console.asked.map(({ path, query }) => (path === list ? "list" : query.get("cursor")));
  expect(await console.collect()).toMatchObject({ caughtUp: true });
  expect(cursors()).toEqual(["list", null, "list", null, "second"]);
  expect(console.records.map(({ id }) => id)).toEqual(["1", "2", "3"]);
  expect(console.asked.at(-1)?.query.get("applicationName")).toBe("A, B & C");
});

test("it is read once a day", async () => {
  await using console = await open();
  await console.collect();
  console.clock.time += 23 * hour;
  expect(await console.worker.schedule()).toEqual([]);
  console.clock.time += hour;
  expect(await console.worker.schedule()).toHaveLength(1);
});

test("sites are asked for one by one", async () => {
  await using everything = await open();
  await everything.collect();
  const sites = (await everything.sites()).slice(0, 2);
  const siteIds = sites.map(({ id }) => id);
  const names = sites.map(({ name }) => name);

  await using console = await open({ siteIds });
  expect(await console.collect()).toMatchObject({ status: "ok", caughtUp: true });
  expect(new Set(console.asked.map(({ query }) => query.get("siteIds")))).toEqual(new Set(siteIds));
  const expected = everything.records.filter(({ siteName }) => names.includes(String(siteName)));
  expect(expected.length).toBeGreaterThan(20);
  expect(console.records.map(keyOf).sort()).toEqual(expected.map(keyOf).sort());
});
