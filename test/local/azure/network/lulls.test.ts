import { expect, test } from "vitest";
import { Lulls } from "../../../../local/azure/network/lulls.ts";

/** Lulls on a clock that moves only while somebody sleeps; `during` is what happens by then, by millisecond. */
function lullsOver(during: Readonly<Record<number, () => void>> = {}) {
  let time = 0;
  const lulls = new Lulls({
    now: () => time,
    async sleep(milliseconds) {
      time += milliseconds;
      during[time]?.();
    },
  });
  return { lulls, time: () => time };
}

test("nobody asks: now", async () => {
  const { lulls, time } = lullsOver();
  await lulls.next();
  expect(time()).toBe(0);
});

test("after the last answer, and once its client has had time for the next request", async () => {
  const answered: (() => void)[] = [];
  const { lulls, time } = lullsOver({
    30: () => answered[0]?.(),
    60: () => answered.push(lulls.asked()),
    100: () => answered[1]?.(),
  });
  answered.push(lulls.asked());
  await lulls.next();
  expect(time()).toBe(250);
});

test("who is asked without end has a lull all the same", async () => {
  const { lulls, time } = lullsOver();
  lulls.asked();
  await lulls.next();
  await lulls.next();
  expect(time()).toBe(2000);
});

test("each in a turn of its own, with what is ready before it", async () => {
  const { lulls } = lullsOver();
  const seen: string[] = [];
  const work = async (name: string) => {
    await lulls.next();
    seen.push(name);
    setImmediate(() => seen.push(`served after ${name}`));
  };
  await Promise.all([work("one"), work("two")]);
  expect(seen).toEqual(["one", "served after one", "two"]);
});
