import type { Delivery } from "./delivery.ts";
import { CollectionError, CursorRefused } from "./errors.ts";
import { PagesAhead } from "./pages-ahead.ts";
import type { Feed, Page, Stream } from "./stream.ts";
import { formatIso, type Micros, second } from "./timestamps.ts";
import {
  anotherPass,
  firstStep,
  foreseenStep,
  nextStep,
  type Step,
  splitWindow,
  type Walk,
  type Window,
  withoutCursor,
} from "./walk.ts";

/** Windows of a backlog that are read side by side. Those of an inventory share `Objects`, and are read one after the other. */
const maxReaders = 4;
/** A backlog is cut into this many windows at most, a whole number for each reader. */
const maxWindows = 8 * maxReaders;
/** A window's last page is part of a page only: windows of so many pages waste few requests, where there is work for all readers. */
const pagesPerWindow = 10;
/** How often the place in a list that is read whole is kept, in milliseconds: what is on its way leaves for that in a batch of its own. */
const keepPlaceEvery = 30_000;
/** Fewer pages than this are not worth a cut. */
const minPages = 4;

export interface WalkOptions {
  readonly stream: Stream;
  readonly connection: string;
  /** Opens the stream for one window. */
  readonly open: () => Feed;
  readonly deliver: (feed: Feed, onAcknowledged: (until: Micros) => void) => Delivery;
  /** True when the run has to end: time is up, or the platform stops the worker. */
  readonly isOver: () => boolean;
  readonly now: () => number;
  /** Keeps `rest`: called where a lot of work would otherwise be done again. */
  readonly save: () => Promise<void>;
}

/** Reads a walk's windows to their end, several at a time, and knows at each moment what is left of it. */
export class WalkRun {
  readonly #options: WalkOptions;
  readonly #walk: Walk;
  /** What is left, oldest first; a window moves its own lower bound as its rows are acknowledged. */
  readonly #windows: OpenWindow[];
  readonly #stop = new AbortController();

  constructor(walk: Walk, options: WalkOptions) {
    this.#walk = walk;
    this.#options = options;
    this.#windows = walk.windows.map((window) => ({ ...window, taken: false }));
  }

  /** What is left of the walk, as it is kept in the checkpoint. */
  get rest(): Walk {
    const windows = this.#windows.map((window) => {
      const { taken: _, ...left } = window;
      return left;
    });
    return { ...this.#walk, windows };
  }

  get isDone(): boolean {
    return this.#windows.length === 0;
  }

  /** Ends when the walk is done or the run is over. Throws what the first reader throws, after the others have stopped. */
  async run(): Promise<void> {
    const readers: Promise<void>[] = [];
    const failures: unknown[] = [];
    const most = this.#options.stream.inventory ? 1 : maxReaders;
    const start = () => {
      while (readers.length < most && this.#windows.some(({ taken }) => !taken)) {
        readers.push(this.#reader(start).catch((error: unknown) => void failures.push(error)));
      }
    };
    start();
    for (let i = 0; i < readers.length; i++) await readers[i];
    if (failures.length > 0) throw failures[0];
  }

  async #reader(more: () => void): Promise<void> {
    for (;;) {
      const window = this.#windows.find(({ taken }) => !taken);
      if (!window || this.#isOver()) return;
      window.taken = true;
      try {
        if (await this.#readWindow(window, more)) this.#windows.splice(this.#windows.indexOf(window), 1);
      } catch (error) {
        this.#stop.abort();
        throw error;
      }
    }
  }

  #isOver(): boolean {
    return this.#stop.signal.aborted || this.#options.isOver();
  }

  /** False where the run was over before the window was. */
  async #readWindow(window: OpenWindow, more: () => void): Promise<boolean> {
    const { stream, open, deliver } = this.#options;
    const feed = open();
    const delivery = deliver(feed, (until) => {
      if (stream.ordered) window.from = Math.max(window.from, until);
    });
    const pages = new PagesAhead((step) => this.#read(feed, step, window));
    try {
      let step: Step | undefined = firstStep(window);
      let last: Micros | undefined;
      let resume: string | undefined;
      let keptAt = this.#options.now();
      const asked = new Set<string>();
      while (step) {
        if (this.#isOver()) break;
        const page: Page | undefined = await pages.take(step);
        if (!page || isCircle(page, asked)) {
          delete window.resume;
          resume = undefined;
          step = this.#restart(step, last, page === undefined);
          asked.clear();
          continue;
        }
        this.#check(page, step);
        const records: Page["records"] = page.records.filter(({ time }) => window.to === undefined || time < window.to);
        last = page.until ?? records.at(-1)?.time ?? last;
        // The server does not know the upper bound: what lies beyond is the next window's.
        const isEnd = stream.ordered && records.length < page.records.length;
        const rest: Step | undefined = isEnd ? undefined : this.#split(window, page, step, last);
        if (rest) more();
        const { continuation } = page;
        const foreseen: Step | undefined = rest ?? foreseenStep(step, { last, continuation }, stream.paging);
        if (foreseen && !isEnd && !isBeyond(foreseen, window) && this.#mayReadAhead()) pages.begin(foreseen);
        const unseen = await delivery.accept(records);
        page.release?.();
        if (isEnd) {
          step = undefined;
          break;
        }
        const following: Step | undefined = rest ?? nextStep(step, { last, unseen, continuation }, stream.paging);
        if (following?.continuation === undefined) asked.clear();
        step = isBeyond(following, window) ? undefined : following;
        if (!stream.whole) continue;
        resume = page.resume ?? step?.continuation;
        if (resume !== undefined && this.#options.now() - keptAt >= keepPlaceEvery) {
          await delivery.flush();
          window.resume = resume;
          await this.#options.save();
          keptAt = this.#options.now();
        }
      }
      await delivery.flush();
      if (resume !== undefined) window.resume = resume;
      return step === undefined;
    } finally {
      await pages.end();
      await delivery.drain();
    }
  }

  /**
   * Where all readers are at work, enough pages are on their way, and their memory is bounded. In a list that is read whole a page may be
   * many requests, which a run that ends would have made for nothing.
   */
  #mayReadAhead(): boolean {
    return !this.#options.stream.whole && this.#windows.filter(({ taken }) => taken).length < maxReaders;
  }

  /** Undefined where the vendor refuses the cursor. */
  async #read(feed: Feed, step: Step, window: Window): Promise<Page | undefined> {
    const { from, continuation } = step;
    try {
      return await feed.read({
        from,
        ...(window.to !== undefined && { to: window.to }),
        ...(continuation !== undefined && { continuation }),
        ...(window.silent && { silent: window.silent }),
        ...(window.scope !== undefined && { scope: window.scope }),
      });
    } catch (error) {
      if (error instanceof CursorRefused) return undefined;
      throw error;
    }
  }

  #restart(step: Step, last: Micros | undefined, refused: boolean): Step {
    const { stream, connection } = this.#options;
    const next = stream.whole ? anotherPass(step) : withoutCursor(step, last);
    if (next) return next;
    const what = refused ? "refuses its own cursor" : "hands out cursors that run in a circle";
    const text = `${stream.vendor} "${connection}": the server ${what} for "${stream.name}", at rows of one timestamp (${formatIso(step.from)}). The next run starts again from there.`;
    throw new CollectionError("failing", "answer", text);
  }

  /** A page that does not fit the request means that nothing else about the walk can be trusted. */
  #check(page: Page, step: Step): void {
    const { stream, connection } = this.#options;
    const first = page.records[0];
    if (!stream.ordered || !first) return;
    const label = `${stream.vendor} "${connection}"`;
    if (first.time < step.from - second) {
      const text = `${label}: rows of "${stream.name}" from ${formatIso(step.from)} on were asked for, and one of ${formatIso(first.time)} came first: the server did not apply the time filter. The stream stops here rather than read the whole history at every poll.`;
      throw new CollectionError("failing", "filter", text);
    }
    const unsorted = page.records.find((record, i) => record.time < (page.records[i - 1]?.time ?? 0) - second);
    if (unsorted) {
      const text = `${label}: the rows of "${stream.name}" are not in order of time (one of ${formatIso(unsorted.time)} follows a later one): the server did not apply the sort order. The stream stops here, since rows could be missed.`;
      throw new CollectionError("failing", "filter", text);
    }
  }

  /** After the first page of a walk: cuts a long rest into windows that are read side by side. Returns where this one goes on. */
  #split(window: OpenWindow, page: Page, step: Step, last: Micros | undefined): Step | undefined {
    const { stream } = this.#options;
    const next = withoutCursor(step, last);
    const isFirst = this.#windows.length === 1 && step.passes === 1 && step.followed === 0;
    if (!isFirst || !next || !stream.ordered || stream.inventory || page.continuation === undefined) return undefined;
    const pages = Math.ceil(((page.total ?? 0) - page.records.length) / page.records.length);
    if (pages < minPages) return undefined;
    const rest: Window = window.to === undefined ? { from: next.from } : { from: next.from, to: window.to };
    const [first, ...others] = splitWindow(rest, this.#walk.startedAt, windowsFor(pages));
    if (first?.to === undefined || others.length === 0) return undefined;
    window.to = first.to;
    this.#windows.push(...others.map((other) => ({ ...other, taken: false })));
    return next;
  }
}

/** In how many windows so many pages are read. */
function windowsFor(pages: number): number {
  const rounds = Math.max(1, Math.floor(pages / (pagesPerWindow * maxReaders)));
  return Math.min(rounds * maxReaders, maxWindows);
}

interface OpenWindow extends Window {
  from: Micros;
  to?: Micros;
  resume?: string;
  taken: boolean;
}

/** Remembers the cursors of an enumeration. */
function isCircle(page: Page, asked: Set<string>): boolean {
  if (page.continuation === undefined) return false;
  if (asked.has(page.continuation)) return true;
  asked.add(page.continuation);
  return false;
}

/** The rows have reached the window's upper bound. */
const isBeyond = (step: Step | undefined, window: Window) =>
  step !== undefined && window.to !== undefined && step.continuation === undefined && step.from >= window.to;
