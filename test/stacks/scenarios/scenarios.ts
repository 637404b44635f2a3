import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** Ways to deploy the connector that are tested as a whole, and whose settings are examples: as little, as much, as closed as can be. */
export const scenarios = ["defaults", "everything", "hardened"] as const;
export type Scenario = (typeof scenarios)[number];

/** Settings of a scenario, in a subscription; connections whose token stack config owns get this one. */
export function scenarioSettings(scenario: Scenario, subscriptionId: string, token: string): Record<string, unknown> {
  const text = readFileSync(join(import.meta.dirname, scenario, "settings.yaml"), "utf8");
  const settings = parse(text.replaceAll("<subscription>", subscriptionId)) as {
    connections: Record<string, unknown>[];
  };
  const withToken = (connection: Record<string, unknown>) =>
    connection["secretId"] || connection["mode"] === "push" ? connection : { ...connection, apiToken: token };
  return { ...settings, connections: settings.connections.map(withToken) };
}
