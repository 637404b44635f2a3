import { setImmediate as others } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Feed } from "../../function-code/stream.ts";
import { fromMillis, second } from "../../function-code/timestamps.ts";
import { ModelSource } from "./support/model-source.ts";
import { ModelWorker } from "./support/model-worker.ts";
import { TestClock } from "./support/test-clock.ts";

/** Three pages of ten rows that nothing is split of. */
function threePages(paging: "cursor" | "key") {
  const clock = new TestClock();
  const source = new ModelSource({ clock, pageSize: 10, paging, cursor: "position", uncounted: true });
  const count = paging === "cursor" ? 30 : 28;
  for (let i = 0; i < count; i++) {
    source.rows.push({ id: `row${i}`, time: fromMillis(clock.time) - (90 - i) * second, visibleFrom: 0 });
  }
  return { source, feed: source.feed(), worker: new ModelWorker(clock, source) };
}

test.each(["cursor", "key"] as const)("by %s: one page is on its way while another is delivered", async (paging) => {
  const { feed, worker } = threePages(paging);
  const seen: string[] = [];
  const watched: Partial<Feed> = {
    read: (request) => {
      seen.push("read");
      return feed.read(request);
    },
    row: (json, record) => {
      if (seen.at(-1) !== "deliver") seen.push("deliver");
      return feed.row(json, record);
    },
  };
  await worker.run(undefined, { find: worker.find(watched) });
  expect(seen).toEqual(["read", "read", "deliver", "read", "deliver"]);
  expect(worker.delivered()).toHaveLength(paging === "cursor" ? 30 : 28);
});

test("a run that is stopped gives its stream back when nothing is on its way any more", async () => {
  const { source, feed, worker } = threePages("cursor");
  const stopping = new AbortController();
  const answer = Promise.withResolvers<void>();
  const slow: Partial<Feed> = {
    read: async (request) => {
      if (request.continuation !== undefined) await answer.promise;
      return feed.read(request);
    },
    row: (json, record) => {
      stopping.abort();
      return feed.row(json, record);
    },
  };
  const run = worker.run(undefined, { find: worker.find(slow), stopping: stopping.signal });
  while (!stopping.signal.aborted) await others();
  for (let i = 0; i < 20; i++) await others();
  expect(await worker.checkpoint()).toHaveProperty("leaseOwner");
  answer.resolve();
  await run;
  expect(await worker.checkpoint()).not.toHaveProperty("leaseOwner");
  expect(source.asked).toHaveLength(2);
  expect(worker.delivered()).toHaveLength(10);
});
