import { assert, constantFrom, property, string } from "fast-check";
import { expect, test } from "vitest";
import { decodeMessage, encodeMessage, outputMessages } from "../../../../local/azure/functions/queue-message.ts";

test("any text survives the queue", () => {
  assert(
    property(string({ unit: "grapheme" }), constantFrom("base64" as const, "none" as const), (text, encoding) => {
      expect(decodeMessage(encodeMessage(text, encoding), encoding)).toBe(text);
    }),
  );
});

test.each([
  ["plain", "not base64"],
  ["YQ", "not base64"],
  ["YQ==\n", "not base64"],
  ["/w==", "not valid"],
])("%j is not base64 of a text", (text, message) => {
  expect(() => decodeMessage(text, "base64")).toThrow(message);
});

test.each([
  [{ string: "text" }, ["text"]],
  [{ json: '{"a":1}' }, ['{"a":1}']],
  [{ json: '[{"a":1},"b",2]' }, ['{"a":1}', "b", "2"]],
  [{ json: "[]" }, []],
  [{ bytes: Buffer.from("bytes") }, ["bytes"]],
  [{ int: 7 }, ["7"]],
])("output %j is the messages %j", (data, messages) => {
  expect(outputMessages(data)).toEqual(messages);
});
