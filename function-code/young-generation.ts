import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Bytes from which V8's space for new objects does not grow any more: a page's records fit many times over. */
const enough = 16 * 1024 ** 2;

/**
 * Keeps V8's space for new objects small. It doubles with what survives in it, up to 128 MB, and a backlog lets it: that was half of the
 * worker's memory. The option for its maximum is read when the process starts, which the platform does before it knows the app's settings;
 * the factor it grows by is read each time.
 */
export function holdYoungGeneration(): void {
  let isHeld = false;
  const observer = new PerformanceObserver(() => {
    // It also shrinks, when the process was idle.
    const isEnough = size() >= enough;
    if (isEnough === isHeld) return;
    isHeld = isEnough;
    setFlagsFromString(`--semi-space-growth-factor=${isHeld ? 1 : 2}`);
  });
  observer.observe({ entryTypes: ["gc"] });
}

const size = (): number =>
  getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")?.space_size ?? 0;
