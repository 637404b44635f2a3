import { createHash } from "node:crypto";
import type { Change } from "./preview-digest.ts";

/**
 * SHA-256 over everything that would be done and with which inputs, in hexadecimal. The package's own digest is among them, as an input of the
 * code deployment: two previews of one digest run the same bytes. A secret enters masked, so a rotated one changes nothing here.
 */
export function digestOf(changes: readonly Change[]): string {
  const asked = changes.map(({ op, urn, properties, inputs }) => [op, urn, properties, sorted(inputs)]);
  return createHash("sha256").update(JSON.stringify(asked)).digest("hex");
}

/** Keys in order, at every depth. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

/** A comment on a pull request holds 65,536 characters. */
const maxMarkdown = 60_000;

/** What a reviewer reads: a count by kind, and a row per change. */
export function renderChanges(changes: readonly Change[], digest: string): string {
  if (changes.length === 0) return "Nothing changes.\n";
  const counts = new Map<string, number>();
  for (const { op } of changes) counts.set(op, (counts.get(op) ?? 0) + 1);
  const head = [
    `**${[...counts].map(([op, count]) => `${count} to ${op}`).join(", ")}** · approval \`${digest.slice(0, 12)}\``,
    "",
    "| change | resource | type | properties |",
    "|---|---|---|---|",
  ];
  const rows = changes.map(
    ({ op, name, type, properties }) =>
      `| ${op} | ${cell(name)} | \`${type}\` | ${properties.map((path) => `\`${cell(path)}\``).join(", ")} |`,
  );
  const shown: string[] = [];
  let length = head.join("\n").length;
  for (const row of rows) {
    length += row.length + 1;
    if (length > maxMarkdown) break;
    shown.push(row);
  }
  const left = rows.length - shown.length;
  return [...head, ...shown, ...(left ? ["", `… and ${left} more: see the summary of the run.`] : []), ""].join("\n");
}

/** A name may hold what parts a table. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
