import type { HashSet } from "./state/hash-set.ts";
import type { KeyLedger, Ledger, LedgerKey } from "./state/ledger.ts";

/**
 * The ledger as a window sees it: what is known of its stream, and a part of its own. There stands what the operator found in the table when
 * the window was asked for, and what was delivered since: the stream's own keys are forgotten after `ledgerDays`, whatever happens in a window.
 */
export class WindowLedger implements KeyLedger {
  readonly #ledger: Ledger;
  readonly #window: string;
  readonly #believedSince: string | undefined;

  /** @param believedSince keys of the stream that were acknowledged before do not count */
  constructor(ledger: Ledger, window: string, believedSince: string | undefined) {
    this.#ledger = ledger;
    this.#window = window;
    this.#believedSince = believedSince;
  }

  async readHours(connection: string, stream: string, first: number, last: number): Promise<Map<number, HashSet>> {
    const own = await this.#ledger.readHours(connection, this.#part(stream), first, last);
    return await this.#ledger.readHours(connection, stream, first, last, this.#believedSince, own);
  }

  async append(
    connection: string,
    stream: string,
    batch: string,
    keys: readonly LedgerKey[],
    now: number,
  ): Promise<void> {
    await this.#ledger.append(connection, this.#part(stream), batch, keys, now);
    // Live collection and its audit must know them too.
    await this.#ledger.append(connection, stream, batch, keys, now);
  }

  /** Writes down what is stored already. `part` names this portion of it. */
  seed(connection: string, stream: string, part: string, keys: readonly LedgerKey[], now: number): Promise<void> {
    return this.#ledger.append(connection, this.#part(stream), part, keys, now);
  }

  /** Forgets the window's own part. */
  async forget(connection: string, stream: string): Promise<void> {
    await this.#ledger.prune(connection, this.#part(stream), Number.MAX_SAFE_INTEGER);
  }

  #part(stream: string): string {
    return `${stream}|${this.#window}`;
  }
}
