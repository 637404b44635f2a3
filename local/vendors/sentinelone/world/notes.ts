import { Random } from "../../random.ts";
import { HOUR, MINUTE, SECOND } from "../../time.ts";
import type { ConsoleUser } from "./fleet.ts";
import type { Step } from "./history.ts";
import { objectId, spread } from "./identifiers.ts";
import type { Threat } from "./threat-book.ts";

/** What an analyst wrote about a threat. */
export interface Note {
  readonly id: string;
  readonly author: ConsoleUser;
  readonly steps: readonly Step<{ readonly text: string; readonly edited: boolean }>[];
}

/** Notes are written with a change of the threat, some are corrected later; neither moves the threat's `updatedAt`. */
export function notesOf(seed: number, threat: Threat): Note[] {
  return threat.steps.flatMap(({ actor, shownAt }, ordinal) => {
    const random = new Random(seed, "note", threat.id, ordinal);
    if (!actor || random.chance(0.4)) return [];
    const written = shownAt + random.integer(2 * SECOND, 90 * SECOND);
    const text = random.pick(TEXTS);
    const step = (at: number, words: string, edited: boolean) => ({
      at: at * 1000 + random.integer(0, 999),
      shownAt: at + random.integer(20, 900),
      state: { text: words, edited },
    });
    const steps = [step(written, text, false)];
    if (random.chance(0.3))
      steps.push(
        step(written + random.integer(5 * MINUTE, 20 * HOUR), `${text}\nUpdate: confirmed with the owner.`, true),
      );
    return [{ id: objectId(written * 1000, spread(ordinal * 5 + 2)), author: actor, steps }];
  });
}

const TEXTS = [
  "Owner says the file came by mail; sender blocked.",
  'Known tool of the build team ("relkit"), see SEC-1187. Excluded by hash.',
  "Rolled back & rescanned: clean.",
  "Gerät isoliert, Rücksprache mit dem Standort läuft.",
  "Second sighting this week → escalated.",
] as const;
