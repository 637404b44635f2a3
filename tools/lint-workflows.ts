import { readdirSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join, relative } from "node:path";

// The parser imports JSON in the way of bundlers, without saying so.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context),
});
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import("@actions/workflow-parser");

const root = join(import.meta.dirname, "..");

/** What GitHub's own parser finds wrong with one workflow, with line and column; and what this repository asks besides. */
export async function findProblems(name: string, content: string): Promise<readonly string[]> {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  const template = value ? await convertWorkflowTemplate(context, value) : undefined;
  const errors = new Set([
    ...context.errors.getErrors().map(({ message }) => message),
    ...(template?.errors ?? []).map(({ Message }) => Message),
  ]);
  return [...errors, ...unpinned(name, content), ...unbounded(name, content)];
}

/** Actions of others must be named by commit: a tag can be moved. */
function unpinned(name: string, content: string): readonly string[] {
  return content.split("\n").flatMap((line, index) => {
    const [, used] = /^\s*(?:-\s+)?uses:\s*(\S+)/.exec(line) ?? [];
    if (used === undefined || used.startsWith("./") || /@[0-9a-f]{40}$/.test(used)) return [];
    return [
      `${name} (Line: ${index + 1}): ${used} is not pinned to a commit. Write the 40 digits, and the version as a comment.`,
    ];
  });
}

/** Rights are given to single jobs, never to all at once. */
function unbounded(name: string, content: string): readonly string[] {
  if (!/^jobs:/m.test(content) || /^permissions: \{\}$/m.test(content)) return [];
  return [`${name}: the workflow itself must have \`permissions: {}\`; give each job what it needs.`];
}

/** Workflows, and the actions of this repository (of which only the pins are checked: the parser reads workflows). */
async function lint(): Promise<number> {
  const workflows = join(root, ".github/workflows");
  const actions = join(root, ".github/actions");
  const problems: string[] = [];
  const files = readdirSync(workflows).sort();
  for (const file of files) {
    problems.push(...(await findProblems(file, readFileSync(join(workflows, file), "utf8"))));
  }
  for (const action of readdirSync(actions).sort()) {
    const file = join(actions, action, "action.yml");
    problems.push(...unpinned(relative(root, file), readFileSync(file, "utf8")));
  }
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log(`${files.length} workflows are well.`);
  return problems.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await lint();
