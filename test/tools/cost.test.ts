import { expect, test } from "vitest";
import { codelessCost, type Fleet, ourCost } from "../../tools/cost/model.ts";
import { prices } from "../../tools/cost/prices.ts";

const fleet: Fleet = { agents: 20_000, consoles: 5, streams: 13, retentionDays: 90 };
const amountOf = (of: Fleet, item: string) => ourCost(of).lines.find((line) => line.item === item)?.amount ?? 0;

test("a cost is the sum of its lines, each of an amount beyond what is free", () => {
  for (const { lines, dollars } of [ourCost(fleet), codelessCost(fleet)]) {
    expect(dollars).toBeCloseTo(lines.reduce((sum, line) => sum + line.dollars, 0));
    for (const line of lines) {
      const { dollars: each, free } = prices[line.item];
      expect(line.dollars).toBeCloseTo(Math.max(0, line.amount - free) * each);
    }
  }
});

test("runs grow with the consoles, and no faster", () => {
  const [one, ten, hundred] = [1, 10, 100].map((consoles) => amountOf({ ...fleet, consoles }, "storageOperations"));
  expect(((hundred ?? 0) - (ten ?? 0)) / 90).toBeCloseTo(((ten ?? 0) - (one ?? 0)) / 9);
});

test("rows are kept at no charge for the days that Sentinel includes", () => {
  expect(amountOf(fleet, "retention")).toBe(0);
  expect(amountOf({ ...fleet, retentionDays: 180 }, "retention")).toBeGreaterThan(0);
});

test("an agent that reports often costs no more here than what changes in it", () => {
  expect(ourCost(fleet).dollars).toBeLessThan(codelessCost(fleet).dollars / 3);
});
