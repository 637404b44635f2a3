import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import { type Cost, codelessCost, type Fleet, ourCost } from "./cost/model.ts";
import { prices } from "./cost/prices.ts";

/** `npm run cost`: what a month costs, beside Microsoft's codeless connector. Estimates from `cost/model.ts` and `cost/prices.ts`. */
function show(fleet: Fleet, json: boolean): void {
  const [ours, codeless] = [ourCost(fleet), codelessCost(fleet)];
  if (json) {
    console.log(JSON.stringify({ fleet, ours, codeless, prices }));
    return;
  }
  console.log(
    `${fleet.agents} agents in ${fleet.consoles} consoles, ${fleet.streams} streams each, rows kept for ${fleet.retentionDays} days; a month:\n`,
  );
  console.log(tableOf("this connector", ours));
  console.log(tableOf("codeless connector", codeless));
  console.log("How busy an agent is taken to be: tools/cost/model.ts. Prices, without tax and discounts:\n");
  const table = new Table({
    head: ["price", "dollars", "per", "free", "source", "of"],
    style: { head: [], border: [] },
  });
  for (const [item, { dollars, unit, free, source, date }] of Object.entries(prices)) {
    table.push([item, String(Number(dollars.toPrecision(6))), unit, String(free), source, date]);
  }
  console.log(table.toString());
}

function tableOf(name: string, { lines, dollars }: Cost): string {
  const table = new Table({
    head: [name, "", "amount", "unit", "dollars"],
    colAligns: ["left", "left", "right", "left", "right"],
    style: { head: [], border: [] },
  });
  for (const line of lines) {
    const amount = line.amount.toLocaleString("en-US", { maximumFractionDigits: line.amount < 100 ? 2 : 0 });
    table.push([line.item, line.what, amount, prices[line.item].unit, line.dollars.toFixed(2)]);
  }
  table.push(["in all", "", "", "", dollars.toFixed(2)]);
  return table.toString();
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("Give a whole number above 0.");
  return value;
}

const command = new Command("npm run cost --")
  .description("Estimates what a month costs, beside Microsoft's codeless connector for the same fleet.")
  .option("--agents <n>", "agents in all consoles together", count, 20_000)
  .option("--consoles <n>", "consoles", count, 1)
  .option("--streams <n>", "streams of each console", count, 13)
  .option("--retention-days <n>", "days that rows stay queryable", count, 90)
  .option("--json", "the estimate as JSON")
  .allowExcessArguments(false)
  .parse();

const { json, ...fleet } = command.opts<Fleet & { readonly json?: true }>();
show(fleet, json ?? false);
