import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pageScanner } from "../../function-code/scan.ts";
import type { Stream } from "../../kql/catalog.ts";

/** What samples are uploaded with, where the worker and not the vendor gives the value. */
const uploaded = { at: "2026-03-04T05:06:07Z", by: "emea" } as const;
/** When the samples arrive at Azure. */
export const arrival = new Date("2026-03-04T05:06:08Z");

const scan = pageScanner({ records: "data", envelope: [], fields: [] });

/** The rows that are uploaded for `raw.json`, each as JSON text: records are cut out as the worker cuts them, so that no number is rounded. */
export function uploadedRows(stream: Stream): string[] {
  const { records } = scan(Buffer.from(`{"data":${read(stream, "raw.json")}}`));
  const texts = (records ?? []).map(({ json }) => json.toString());
  const wrapped = stream.input.some(({ name }) => name === "Record");
  if (!wrapped) return texts;
  return texts.map((text) => JSON.stringify({ TimeGenerated: uploaded.at, Connection: uploaded.by, Record: text }));
}

/** The rows that the table must hold afterwards: times as ISO 8601, dynamic values as JSON text. */
export function expectedRows(stream: Stream): Record<string, unknown>[] {
  return JSON.parse(read(stream, "expected.json")) as Record<string, unknown>[];
}

function read({ vendor, name }: Stream, file: string): string {
  return readFileSync(join(import.meta.dirname, "../streams", vendor, name, file), "utf8");
}
