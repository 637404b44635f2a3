import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Rooms whose tests deploy whole stacks and start processes, the dearest first. */
const dear = ["end-to-end/", "local/stacks/", "local/azure/engine/", "local/"];

/** Starts the dearest test files first, so that no worker is alone with one at the end: a fresh checkout knows no times of earlier runs. */
export class DearestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const known = await super.sort(files);
    return known.toSorted((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const place = dear.findIndex((room) => relative(import.meta.dirname, moduleId).startsWith(room));
  return place === -1 ? dear.length : place;
}
