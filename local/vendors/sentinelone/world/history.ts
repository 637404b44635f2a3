/** One state of an object that changes, from the moment the console shows it. */
export interface Step<State> {
  /** The object's `updatedAt`, epoch microseconds. */
  readonly at: number;
  /** When the console shows it, epoch milliseconds. */
  readonly shownAt: number;
  readonly state: State;
}

/** All states that were shown at some time from `since` to `now`. */
export const stepsShown = <S extends Step<unknown>>(steps: readonly S[], since: number, now: number): readonly S[] =>
  steps.filter((step, index) => step.shownAt <= now && (steps[index + 1]?.shownAt ?? Infinity) > since);

/** The state that is shown at `now`; undefined before the first. Steps are few and in order of `shownAt`. */
export function stepAt<S extends Step<unknown>>(steps: readonly S[], now: number): S | undefined {
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index] as S;
    if (step.shownAt <= now) return step;
  }
  return undefined;
}
