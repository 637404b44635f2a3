import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decode, encode, encodeAgain, topLevel } from "../../../../local/azure/evaluator/envelopes.ts";

const mark = "4dabf18193072939515e22adb298388d";
const secret = (value: unknown) => ({ [mark]: "1b47061264138c4ac30d75fd1eb44270", value });
const output = (rest: object) => ({ [mark]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", ...rest });
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknownObject = "dd056dcd-154b-4c76-9bd3-c8f88648b5ff";

test("secrets are taken out of their envelopes wherever they are, and their paths are told", () => {
  const struct = { a: secret({ b: 1 }), list: [{ c: secret("x") }], out: output({ value: "y", secret: true }) };
  expect(decode(struct)).toEqual({
    value: { a: { b: 1 }, list: [{ c: "x" }], out: "y" },
    secretPaths: ["a", "list[0].c", "out"],
    unknownPaths: [],
  });
});

test("what is not known stays in its place as one mark, whatever kind the engine calls it, and its path is told", () => {
  const struct = {
    a: unknown,
    deep: { b: output({ dependencies: ["urn"] }) },
    hidden: secret(unknown),
    list: ["x", unknownObject],
    known: 1,
  };
  expect(decode(struct)).toEqual({
    value: { a: unknown, deep: { b: unknown }, hidden: unknown, list: ["x", unknown], known: 1 },
    secretPaths: ["hidden"],
    unknownPaths: ["a", "deep.b", "hidden", "list[1]"],
  });
});

test("nulls are left out, as the engine does", () => {
  expect(decode({ a: null, b: { c: null }, d: secret(null) }).value).toEqual({ b: {} });
});

test("a reference to a resource is its id", () => {
  const reference = {
    [mark]: "5cf8f73096256a8f31e491e813e4eb8e",
    urn: "urn:pulumi:s::p::t::n",
    id: "/subscriptions/1",
  };
  expect(decode({ a: reference }).value).toEqual({ a: "/subscriptions/1" });
});

test("an asset is refused by its path", () => {
  expect(() => decode({ a: { file: { [mark]: "c44067f5952c0a294b673a41bacd8c17", text: "x" } } })).toThrow(
    "a.file: assets and archives are not supported",
  );
});

test("encoding then decoding gives the same values and secrets", () => {
  const values = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,5}$/),
    fc.oneof(fc.string(), fc.integer(), fc.array(fc.boolean())),
  );
  fc.assert(
    fc.property(values, (value) => {
      const secrets = Object.keys(value).filter((_, index) => index % 2 === 0);
      expect(decode(encode(value, secrets))).toEqual({ value, secretPaths: secrets, unknownPaths: [] });
    }),
  );
});

test("encoding again keeps the envelopes of what did not change, and makes new ones around whole properties", () => {
  const sent = { same: { deep: secret("a") }, changed: { deep: secret("b") }, computed: unknown, gone: 1, empty: null };
  const value = { same: { deep: "a" }, changed: { deep: "c" }, computed: unknown, added: "d" };
  expect(encodeAgain(sent, value, ["same", "changed"])).toEqual({
    same: { deep: secret("a") },
    changed: secret({ deep: "c" }),
    computed: unknown,
    added: "d",
  });
});

test.each([
  ["properties.value", "properties"],
  ["dataFlows[0].transformKql", "dataFlows"],
  ["tags", "tags"],
])("%s lies in %s", (path, property) => expect(topLevel(path)).toBe(property));
