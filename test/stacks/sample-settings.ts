import { type Problem, SettingsError } from "../../stacks/problem.ts";
import { parseSettings } from "../../stacks/settings.ts";

export const emea = {
  name: "emea",
  vendor: "sentinelone",
  url: "https://emea.sentinelone.example",
  apiToken: "canary-token",
};
export const tenant = { name: "saas", vendor: "valence", region: "eu", apiToken: "canary-token" };

/** Settings of a stack that says only what it must, with what a test adds. */
export const settings = (values: Record<string, unknown> = {}, environment?: string, encrypted = true) =>
  parseSettings(
    { location: "westeurope", connections: JSON.stringify([emea]), ...values },
    {
      stack: "prod",
      environment,
      isEncrypted: () => encrypted,
    },
  );

export const withConnection = (connection: Record<string, unknown>) =>
  settings({ connections: JSON.stringify([connection]) });

/** What is wrong with settings, all of it; nothing where they are read. */
export function problemsOf(read: () => unknown): readonly Problem[] {
  try {
    read();
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}
