import type { DequeuedMessageItem } from "@azure/storage-queue";
import type { QueueSettings } from "./host-json.ts";
import type { RpcData } from "./worker-messages.ts";

type Encoding = QueueSettings["messageEncoding"];

/** Throws where the text is not in the encoding that host.json asks for. */
export function decodeMessage(text: string, encoding: Encoding): string {
  if (encoding === "none") return text;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text))
    throw new Error("The message is not base64, which host.json asks for (messageEncoding).");
  return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(text, "base64"));
}

export function encodeMessage(text: string, encoding: Encoding): string {
  return encoding === "none" ? text : Buffer.from(text).toString("base64");
}

/** What a function sees in `context.triggerMetadata` (camel-cased by the library). */
export function triggerMetadata(message: DequeuedMessageItem, text: string): Record<string, RpcData> {
  const json = (value: unknown): RpcData => ({ json: JSON.stringify(value) });
  return {
    QueueTrigger: { string: text },
    Id: { string: message.messageId },
    PopReceipt: { string: message.popReceipt },
    DequeueCount: json(message.dequeueCount),
    InsertionTime: json(message.insertedOn),
    ExpirationTime: json(message.expiresOn),
    NextVisibleTime: json(message.nextVisibleOn),
  };
}

/** The messages that an output binding's value stands for: an array is one message per element. */
export function outputMessages(data: RpcData): readonly string[] {
  if (data.string !== undefined) return [data.string];
  if (data.bytes !== undefined) return [Buffer.from(data.bytes).toString()];
  if (data.json === undefined) return [JSON.stringify(data.int ?? data.double)];
  const value: unknown = JSON.parse(data.json);
  return (Array.isArray(value) ? value : [value]).map((item: unknown) =>
    typeof item === "string" ? item : JSON.stringify(item),
  );
}
