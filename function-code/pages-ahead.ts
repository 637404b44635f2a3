import type { Page } from "./stream.ts";
import type { Step } from "./walk.ts";

/** Reads the pages of a window, one of them while the one before is delivered. */
export class PagesAhead {
  readonly #read: (step: Step) => Promise<Page | undefined>;
  #next: Promise<Page | undefined> | undefined;

  constructor(read: (step: Step) => Promise<Page | undefined>) {
    this.#read = read;
  }

  /** Asks for the page that will be taken next. */
  begin(step: Step): void {
    this.#next = this.#read(step);
    // A failure is thrown where the page is taken.
    this.#next.catch(() => undefined);
  }

  /** The page that was begun, or else one that is asked for now. */
  take(step: Step): Promise<Page | undefined> {
    const page = this.#next ?? this.#read(step);
    this.#next = undefined;
    return page;
  }

  /** Waits for a page that nobody takes any more: whoever holds the stream next is the only one to ask. */
  async end(): Promise<void> {
    const page = await this.#next?.catch(() => undefined);
    page?.release?.();
  }
}
