import { expect, test } from "vitest";
import { createRandomProvider } from "../../../../local/azure/resource-manager/random-provider.ts";

const random = createRandomProvider();
const text = "random:index/randomString:RandomString";

test.each([
  ["all letters", { length: 40 }, /^.{40}$/],
  ["no upper case, nothing special", { length: 40, upper: false, special: false }, /^[a-z0-9]{40}$/],
  ["digits alone", { length: 8, lower: false, upper: false, special: false }, /^\d{8}$/],
  [
    "its own special characters",
    { length: 20, lower: false, upper: false, numeric: false, overrideSpecial: "_" },
    /^_{20}$/,
  ],
])("a text of %s", async (_, inputs, pattern) => {
  const { id, outputs } = await random.create(text, inputs);
  expect(outputs).toMatchObject({ ...inputs, result: id });
  expect(id).toMatch(pattern);
});

test("a text has as many of each kind as is demanded", async () => {
  const { id } = await random.create(text, { length: 6, special: false, minNumeric: 3, minUpper: 3 });
  expect(id.replace(/\d/g, "")).toMatch(/^[A-Z]{3}$/);
});

test.each([
  { length: 2, minUpper: 3 },
  { length: 4, lower: false, upper: false, numeric: false, special: false },
])("%j cannot be made", async (inputs) => {
  await expect(random.create(text, inputs)).rejects.toThrow("cannot be made of the characters");
});

test("any changed input makes a new value", async () => {
  const known = { id: "abc", inputs: { length: 3 }, outputs: { result: "abc" } };
  expect(await random.diff(text, known, { length: 3 })).toMatchObject({ replaces: [] });
  expect(await random.diff(text, known, { length: 3, keepers: { day: "1" } })).toMatchObject({ replaces: ["keepers"] });
});

test("the other types make what they say", async () => {
  const { outputs } = await random.create("random:index/randomId:RandomId", { byteLength: 4, prefix: "p-" });
  expect(outputs["hex"]).toMatch(/^p-[0-9a-f]{8}$/);
  expect((await random.create("random:index/randomUuid:RandomUuid", {})).id).toMatch(/^[0-9a-f-]{36}$/);
  expect(random.secretOutputs("random:index/randomPassword:RandomPassword")).toEqual(["result"]);
  await expect(random.create("random:index/randomPet:RandomPet", {})).rejects.toThrow("randomPet");
});
