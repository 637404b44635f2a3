import { fromMillis, second } from "../../../function-code/timestamps.ts";
import { type ModelOptions, ModelSource } from "./model-source.ts";
import { ModelWorker } from "./model-worker.ts";
import { TestClock } from "./test-clock.ts";

export const minute = 60_000;

/** A source with rows a second apart, the last one a minute old, and its worker. */
export function model(count: number, options: Partial<ModelOptions> = {}) {
  const clock = new TestClock();
  const source = new ModelSource({ clock, pageSize: 10, paging: "cursor", cursor: "position", ...options });
  const newest = fromMillis(clock.time) - 60 * second;
  for (let i = 0; i < count; i++) {
    source.rows.push({ id: `row${i}`, time: newest - (count - 1 - i) * second, visibleFrom: 0, content: "old" });
  }
  return { clock, source, worker: new ModelWorker(clock, source) };
}
