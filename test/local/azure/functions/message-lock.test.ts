import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MessageLock } from "../../../../local/azure/functions/message-lock.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

const message = { messageId: "m", popReceipt: "receipt-0" };

/** A queue that gives out a new receipt at each update, and takes none but the newest. */
function queueOf(fails = false) {
  let receipt = message.popReceipt;
  let count = 0;
  const seen: string[] = [];
  return {
    seen,
    updateMessage: (_: string, popReceipt: string, text?: string, visibility?: number) => {
      seen.push(`${popReceipt} ${text ?? "unchanged"} ${visibility}`);
      if (fails || popReceipt !== receipt) return Promise.reject(new Error("PopReceiptMismatch"));
      receipt = `receipt-${++count}`;
      return Promise.resolve({ popReceipt: receipt } as never);
    },
  };
}

test("a message that takes long is renewed, by its newest receipt, until it is released", async () => {
  const queue = queueOf();
  const lock = new MessageLock(queue, message, () => expect.unreachable());
  await vi.advanceTimersByTimeAsync(25_000);
  expect(await lock.release()).toBe("receipt-2");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(queue.seen).toEqual(["receipt-0 unchanged 30", "receipt-1 unchanged 30"]);
});

test("a renewal that fails is reported, and tried again at the next", async () => {
  const problems: string[] = [];
  const lock = new MessageLock(queueOf(true), message, (error) => problems.push((error as Error).message));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await lock.release()).toBe("receipt-0");
  expect(problems).toEqual(["PopReceiptMismatch", "PopReceiptMismatch"]);
});
