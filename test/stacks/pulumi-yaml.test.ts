import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { SettingsError } from "../../stacks/problem.ts";
import { parseSettings } from "../../stacks/settings.ts";

interface Setting {
  readonly type: string;
  readonly default?: unknown;
  readonly description?: string;
}

const root = join(import.meta.dirname, "..", "..");
const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as {
  main: string;
  stackConfigDir: string;
  runtime: { options: { typescript: boolean; nodeargs: string } };
  config: Record<string, Setting>;
};
const origin = { stack: "dev", environment: undefined, isEncrypted: () => true };
const connections = '[{"name":"a","vendor":"sentinelone","url":"https://a.example","apiToken":"t"}]';

/** Names of all settings that are read: the ones that an unknown setting is told of. */
function readKeys(): readonly string[] {
  try {
    parseSettings({ location: "westeurope", connections, unheardOf: "x" }, origin);
  } catch (error) {
    const [problem] = error instanceof SettingsError ? error.problems : [];
    return (problem?.allowed.split(": ")[1] ?? "").split(", ");
  }
  return [];
}

test("Pulumi.yaml describes exactly the settings that are read", () => {
  expect(Object.keys(project.config).sort()).toEqual([...readKeys()].sort());
});

// The CLI starts Node in the folder of `main`: pulumi, pkg/engine/project.go (getPwdMain) and pkg/host/host.go (LanguageRuntime) at 3.260.
test("what Node loads before the program lies where it looks for it", () => {
  const [option, module = ""] = project.runtime.options.nodeargs.split(" ");
  expect(option).toBe("--require");
  expect(existsSync(join(root, dirname(project.main), module))).toBe(true);
});

test("every setting has a type and a description for the operator", () => {
  const wrong = Object.entries(project.config).filter(
    ([, { type, description }]) =>
      !/^(string|integer|boolean|array|object)$/.test(type) || !/^.{30,}[.)]$/s.test(description ?? ""),
  );
  expect(wrong).toEqual([]);
});

test("the defaults of Pulumi.yaml are the ones of the program", () => {
  const shown = Object.fromEntries(
    Object.entries(project.config)
      .filter(([, setting]) => setting.default !== undefined)
      .map(([key, setting]) => [
        key,
        typeof setting.default === "string" ? setting.default : JSON.stringify(setting.default),
      ]),
  );
  const { connections: _one, ...withDefaults } = parseSettings(
    { ...shown, location: "westeurope", connections },
    origin,
  );
  const { connections: _other, ...without } = parseSettings({ location: "westeurope", connections }, origin);
  expect(withDefaults).toEqual(without);
});

test("the README's table shows the same settings and defaults", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const section = readme.slice(readme.indexOf("| setting |"), readme.indexOf("Each of the `connections`"));
  const rows = [...section.matchAll(/^\| `(\w+)` \| (?:`(.*?)`|\(none\)) \|/gm)].map(([, key, shown]) => [key, shown]);
  const settings = Object.entries(project.config).map(([key, setting]) => {
    const { default: value } = setting;
    return [key, typeof value === "string" ? value || '""' : JSON.stringify(value)];
  });
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(settings));
});

test("every setting but location and connections may be left out", () => {
  const required = Object.entries(project.config).filter(([, setting]) => setting.default === undefined);
  expect(required.map(([key]) => key)).toEqual(["location", "connections"]);
});

test("the engine runs stacks/index.ts as it is, with stack files beside it", () => {
  expect(project).toMatchObject({
    main: "stacks/index.ts",
    stackConfigDir: "stacks",
    runtime: { options: { typescript: false } },
  });
  expect(
    readdirSync(join(root, "stacks"))
      .filter((file) => file.endsWith(".yaml"))
      .sort(),
  ).toEqual(["Pulumi.dev.yaml", "Pulumi.local.yaml", "Pulumi.prod.yaml", "Pulumi.staging.yaml"]);
  expect(readFileSync(join(root, "stacks", "index.ts"), "utf8").split("\n").length).toBeLessThanOrEqual(41);
});
