import { setTimeout as sleep } from "node:timers/promises";
import type { DequeuedMessageItem, QueueClient } from "@azure/storage-queue";
import type { QueueSettings } from "./host-json.ts";
import { lockSeconds, MessageLock } from "./message-lock.ts";
import { decodeMessage, triggerMetadata } from "./queue-message.ts";
import type { LogLevel, RpcData } from "./worker-messages.ts";

export interface QueueListenerOptions {
  readonly queue: QueueClient;
  /** Where messages end that failed too often: `<queue>-poison`. */
  readonly poison: QueueClient;
  readonly settings: QueueSettings;
  /** Runs the function on one message. */
  readonly run: (text: string, metadata: Readonly<Record<string, RpcData>>) => Promise<void>;
  readonly log: (level: LogLevel, message: string) => void;
}

/** Between two looks at an empty queue, at least; it doubles up to `maxPollingInterval`. */
const shortestPause = 100;

/** Feeds the messages of one queue to one function, as the host's queue listener does: batches, renewal, retries, poison queue. */
export class QueueListener {
  readonly #options: QueueListenerOptions;
  readonly #running = new Set<Promise<void>>();
  #woken = Promise.withResolvers<void>();
  #stopping = false;
  /** Why the queue could not be read the last time, and whether time alone cures it. */
  #problem: { readonly message: string; readonly lasting: boolean } | undefined;
  readonly #loop: Promise<void>;

  constructor(options: QueueListenerOptions) {
    this.#options = options;
    this.#loop = this.#listen();
  }

  /** Looks at the queue now: somebody knows that there is a message. */
  wake(): void {
    this.#woken.resolve();
  }

  /** Fetches no more, and resolves when every message at hand has been dealt with. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#loop;
    await Promise.all(this.#running);
  }

  /** Resolves when the queue is empty and nothing runs; rejects where the app may not read the queue, or there is none. */
  async whenIdle(): Promise<void> {
    while (!this.#stopping) {
      if (this.#problem?.lasting) throw new Error(this.#problem.message);
      await Promise.all(this.#running);
      if ((await this.#count()) === 0 && this.#running.size === 0) return;
      this.wake();
      await pause(shortestPause);
    }
  }

  /** Messages in the queue, with those that wait for their next try; nothing where it cannot be told just now. */
  async #count(): Promise<number | undefined> {
    try {
      return (await this.#options.queue.getProperties()).approximateMessagesCount;
    } catch (error) {
      this.#noteProblem(error);
      return undefined;
    }
  }

  async #listen(): Promise<void> {
    const { batchSize, newBatchThreshold, maxPollingInterval } = this.#options.settings;
    let idle = shortestPause;
    while (!this.#stopping) {
      if (this.#running.size > newBatchThreshold) {
        await Promise.race(this.#running);
        continue;
      }
      const messages = await this.#receive(batchSize);
      for (const message of messages) this.#begin(message);
      if (messages.length > 0) {
        idle = shortestPause;
      } else if (!this.#stopping) {
        await this.#rest(idle);
        idle = Math.min(idle * 2, Math.max(maxPollingInterval, shortestPause));
      }
    }
  }

  async #receive(numberOfMessages: number): Promise<readonly DequeuedMessageItem[]> {
    const { queue, log } = this.#options;
    try {
      const received = await queue.receiveMessages({ numberOfMessages, visibilityTimeout: lockSeconds });
      if (this.#problem !== undefined) log("information", `Queue "${queue.name}" can be read again.`);
      this.#problem = undefined;
      return received.receivedMessageItems;
    } catch (error) {
      this.#noteProblem(error);
      return [];
    }
  }

  #noteProblem(error: unknown): void {
    const { queue, log } = this.#options;
    const message = `Queue "${queue.name}" cannot be read: ${reason(error)}`;
    if (message !== this.#problem?.message) log("error", message);
    this.#problem = { message, lasting: [401, 403, 404].includes((error as { statusCode?: number }).statusCode ?? 0) };
  }

  #begin(message: DequeuedMessageItem): void {
    const work = this.#process(message)
      .catch((error: unknown) =>
        this.#options.log(
          "error",
          `Message ${message.messageId} of queue "${this.#options.queue.name}": ${reason(error)}`,
        ),
      )
      .finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  async #process(message: DequeuedMessageItem): Promise<void> {
    const { settings, run, log, queue } = this.#options;
    if (this.#stopping) return this.#return(message, message.popReceipt, 0);
    // It was handed out as often as allowed, and each time whoever had it died.
    if (message.dequeueCount > settings.maxDequeueCount) return this.#poison(message, message.popReceipt);
    let text: string;
    try {
      text = decodeMessage(message.messageText, settings.messageEncoding);
    } catch (error) {
      log("error", `Message ${message.messageId} of queue "${queue.name}": ${reason(error)}`);
      return this.#poison(message, message.popReceipt);
    }
    const lock = new MessageLock(queue, message, (error) =>
      log("warning", `Message ${message.messageId} of queue "${queue.name}" could not be renewed: ${reason(error)}`),
    );
    try {
      await run(text, triggerMetadata(message, text));
    } catch {
      // The function's own error is in the log already.
      const popReceipt = await lock.release();
      if (this.#stopping) return this.#return(message, popReceipt, 0);
      if (message.dequeueCount >= settings.maxDequeueCount) return this.#poison(message, popReceipt);
      return this.#return(message, popReceipt, settings.visibilityTimeout);
    }
    await queue.deleteMessage(message.messageId, await lock.release());
  }

  async #return(message: DequeuedMessageItem, popReceipt: string, delay: number): Promise<void> {
    await this.#options.queue.updateMessage(message.messageId, popReceipt, undefined, Math.ceil(delay / 1000));
  }

  async #poison(message: DequeuedMessageItem, popReceipt: string): Promise<void> {
    const { queue, poison, log } = this.#options;
    log(
      "error",
      `Message ${message.messageId} failed ${message.dequeueCount} times and goes to queue "${poison.name}".`,
    );
    await poison.createIfNotExists();
    await poison.sendMessage(message.messageText);
    await queue.deleteMessage(message.messageId, popReceipt);
  }

  async #rest(milliseconds: number): Promise<void> {
    await pause(milliseconds, this.#woken.promise);
    this.#woken = Promise.withResolvers();
  }
}

async function pause(milliseconds: number, woken?: Promise<void>): Promise<void> {
  const over = new AbortController();
  const slept = sleep(milliseconds, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race(woken ? [slept, woken] : [slept]);
  over.abort();
}

/** Storage errors carry their code apart from a message that says little. */
const reason = (error: unknown): string => {
  const { code, message } = error as Error & { code?: string };
  return code ? `${code}: ${message}` : message;
};
