import type { DequeuedMessageItem, QueueClient } from "@azure/storage-queue";

/** A message belongs to this host for so long, and again at each renewal: a host that is killed keeps it from others no longer. */
export const lockSeconds = 30;
const renewMilliseconds = 10_000;

/** Keeps a message from others while its function runs; each renewal changes the receipt by which it is known. */
export class MessageLock {
  #popReceipt: string;
  #renewal: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor(
    queue: Pick<QueueClient, "updateMessage">,
    message: Pick<DequeuedMessageItem, "messageId" | "popReceipt">,
    onError: (error: unknown) => void,
  ) {
    this.#popReceipt = message.popReceipt;
    this.#timer = setInterval(() => {
      this.#renewal = this.#renew(queue, message.messageId).catch(onError);
    }, renewMilliseconds);
  }

  async #renew(queue: Pick<QueueClient, "updateMessage">, messageId: string): Promise<void> {
    await this.#renewal;
    const { popReceipt } = await queue.updateMessage(messageId, this.#popReceipt, undefined, lockSeconds);
    if (popReceipt) this.#popReceipt = popReceipt;
  }

  /** Stops renewing; the receipt that is good now. */
  async release(): Promise<string> {
    clearInterval(this.#timer);
    await this.#renewal;
    return this.#popReceipt;
  }
}
