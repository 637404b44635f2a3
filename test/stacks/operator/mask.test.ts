import * as fc from "fast-check";
import { expect, test } from "vitest";
import { mask } from "../../../stacks/operator/mask.ts";

test("names and times stay, content goes", () => {
  const record = {
    id: "1234567890123456789",
    createdAt: "2026-01-02T03:04:05.678901Z",
    user: { email: "someone@example.com", age: 47, active: true, phone: null },
    tags: ["one", "two", "three", "four"],
    empty: "",
  };
  expect(mask(record)).toEqual({
    id: "<19 digits>",
    createdAt: "2026-01-02T03:04:05.678901Z",
    user: { email: "<19 characters>", age: 99, active: true, phone: null },
    tags: ["<3 characters>", "<3 characters>", "<5 characters>"],
    empty: "",
  });
});

test("no text of a record survives, whatever its shape", () => {
  const texts = fc.stringMatching(/^[A-Za-z]{6,20}$/);
  fc.assert(
    fc.property(texts, fc.jsonValue(), (secret, filler) => {
      expect(JSON.stringify(mask({ a: secret, b: [{ c: secret }], d: filler }))).not.toContain(secret);
    }),
  );
});
