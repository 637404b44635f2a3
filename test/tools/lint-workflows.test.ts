import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { findProblems } from "../../tools/lint-workflows.ts";

const folder = join(import.meta.dirname, "../../.github/workflows");
const job = "    runs-on: ubuntu-24.04\n    steps:\n      - run: echo hello\n";

describe("GitHub's parser and ours find nothing wrong with", () => {
  test.each(readdirSync(folder))("%s", async (file) => {
    expect(await findProblems(file, readFileSync(join(folder, file), "utf8"))).toEqual([]);
  });
});

test.each([
  [
    "an unknown right",
    "permissions: {}\non: push\njobs:\n  a:\n    permissions:\n      content: read\n" + job,
    "Unexpected value 'content'",
  ],
  [
    "an unknown context",
    `permissions: {}\non: push\njobs:\n  a:\n${job}      - run: echo \${{ nobody.knows }}\n`,
    "Unrecognized named-value: 'nobody'",
  ],
  [
    "a job that waits for none",
    `permissions: {}\non: push\njobs:\n  a:\n    needs: b\n${job}`,
    "at least one job with no dependencies",
  ],
  [
    "a tag instead of a commit",
    `permissions: {}\non: push\njobs:\n  a:\n${job}      - uses: actions/checkout@v7\n`,
    "actions/checkout@v7 is not pinned",
  ],
  ["rights for all jobs", `permissions:\n  contents: write\non: push\njobs:\n  a:\n${job}`, "permissions: {}"],
])("%s is found", async (_, content, problem) => {
  expect((await findProblems("bad.yml", content)).join("\n")).toContain(problem);
});

interface Job {
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string }[];
}

/** Every step of a job can use the job's rights: the program of a pull request must not run beside a right to write here. */
test("no job that runs the program of a pull request can write to the repository", () => {
  const { jobs } = parse(readFileSync(join(folder, "preview.yml"), "utf8")) as { jobs: Record<string, Job> };
  const running = Object.values(jobs).filter(({ steps }) => steps.some(({ uses }) => uses !== undefined));
  expect(running.map(({ permissions }) => permissions)).toEqual([{ contents: "read", "id-token": "write" }]);
});

test("every script that a workflow runs is there", () => {
  const { scripts } = JSON.parse(readFileSync(join(folder, "../../package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const named = readdirSync(folder).flatMap((file) => [
    ...readFileSync(join(folder, file), "utf8").matchAll(/npm run (?:--silent )?(\S+)/g),
  ]);
  expect(named.length).toBeGreaterThan(5);
  expect(named.map(([, name = ""]) => name).filter((name) => !(name in scripts))).toEqual([]);
});
