import * as fc from "fast-check";
import { expect, test } from "vitest";
import { redact } from "../../function-code/redact.ts";
import { maxRecordBytes, shrink, shrunkMember } from "../../function-code/shrink.ts";

const parse = (json: Buffer) => JSON.parse(json.toString()) as Record<string, unknown>;
const render = (value: unknown) => Buffer.from(JSON.stringify(value));

test("a registration token never leaves, at any depth and of any type", () => {
  const anything = fc.oneof(
    fc.constant("join-secret"),
    fc.constant({ token: "join-secret" }),
    fc.constant(["join-secret"]),
    fc.constant({ registrationToken: "join-secret", more: ["join-secret"] }),
  );
  fc.assert(
    fc.property(anything, fc.jsonValue(), fc.nat(40), (secret, other, length) => {
      const padding = "p".repeat(length);
      const json = render({
        padding,
        a: { registrationToken: secret, b: [{ registrationToken: secret }] },
        other,
        name: "registrationToken",
      });
      const clean = redact(json);
      expect(clean.toString()).not.toContain("join-secret");
      expect(parse(clean)).toEqual({
        padding,
        a: { registrationToken: "", b: [{ registrationToken: "" }] },
        other: JSON.parse(JSON.stringify(other)) as unknown,
        name: "registrationToken",
      });
    }),
  );
});

test("a record without secrets keeps its very bytes", () => {
  const json = Buffer.from('{ "id" : 1290568698312097725 }');
  expect(redact(json)).toBe(json);
  expect(shrink(json)).toBe(json);
});

test.each([
  ["one text of two megabytes", { id: "7", threatInfo: { updatedAt: "now", commandLine: "x".repeat(2_000_000) } }],
  [
    "a list of thousands",
    {
      id: "7",
      threatInfo: { updatedAt: "now" },
      indicators: Array.from({ length: 9000 }, (_, i) => ({ i, text: "é".repeat(20) })),
    },
  ],
  [
    "many middling values",
    {
      id: "7",
      threatInfo: {
        updatedAt: "now",
        ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`v${i}`, "y".repeat(4000)])),
      },
    },
  ],
  [
    "thousands of small values at the top",
    {
      id: "7",
      threatInfo: { updatedAt: "now" },
      ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`v${i}`, "y".repeat(3000)])),
    },
  ],
])("%s fits a column afterwards, with its ids and times, and says what is gone", (_, value) => {
  const shrunk = shrink(render(value));
  expect(shrunk.length).toBeLessThanOrEqual(maxRecordBytes);
  const record = parse(shrunk);
  expect(record["id"]).toBe("7");
  expect((record["threatInfo"] as Record<string, unknown>)["updatedAt"]).toBe("now");
  expect((record[shrunkMember] as string[]).length).toBeGreaterThan(0);
  expect(shrunk.toString()).toMatch(/removed by the connector: \d+ bytes/);
});

test("a long text keeps its beginning", () => {
  const { commandLine } = parse(shrink(render({ id: "7", commandLine: "powershell -enc \u00e9".padEnd(70_000, "A") })));
  expect(commandLine).toMatch(/^powershell -enc \u00e9A{980,} \[removed by the connector: 70003 bytes\]$/);
});
