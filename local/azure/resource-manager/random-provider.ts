import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { differences } from "./differences.ts";
import type { Properties, Provider } from "./provider.ts";

const alphabets = {
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  numeric: "0123456789",
  special: "!@#$%&*()-_=+[]{}<>:?",
};

/** What each type makes; the value is made once and is the resource's id and outputs from then on. */
const makers: Readonly<Record<string, (inputs: Properties) => { id: string; outputs: Properties }>> = {
  "random:index/randomString:RandomString": (inputs) => {
    const result = randomText(inputs);
    return { id: result, outputs: { result } };
  },
  "random:index/randomPassword:RandomPassword": (inputs) => ({ id: "none", outputs: { result: randomText(inputs) } }),
  "random:index/randomId:RandomId": ({ byteLength, prefix = "" }) => {
    const bytes = randomBytes(Number(byteLength));
    const prefixed = (value: string) => `${String(prefix)}${value}`;
    const id = bytes.toString("base64url");
    return {
      id,
      outputs: {
        b64Url: prefixed(id),
        b64Std: prefixed(bytes.toString("base64")),
        hex: prefixed(bytes.toString("hex")),
        dec: prefixed(BigInt(`0x${bytes.toString("hex")}`).toString()),
      },
    };
  },
  "random:index/randomUuid:RandomUuid": () => {
    const result = randomUUID();
    return { id: result, outputs: { result } };
  },
  "random:index/randomInteger:RandomInteger": ({ min, max }) => {
    const result = randomInt(Number(min), Number(max) + 1);
    return { id: String(result), outputs: { result } };
  },
};

/** The random provider: a value is made at creation and kept until an input changes, which replaces it. */
export function createRandomProvider(): Provider {
  const maker = (type: string) => {
    const found = makers[type];
    if (found) return found;
    throw new Error(
      `The local Azure does not know the type ${type}. Add it to local/azure/resource-manager/random-provider.ts.`,
    );
  };
  return {
    check: ({ inputs }) => Promise.resolve({ inputs, failures: [] }),
    diff(_, known, inputs) {
      const changed = differences(known.inputs, inputs);
      return Promise.resolve({ changed, replaces: changed, deleteBeforeReplace: false });
    },
    async create(type, inputs) {
      const { id, outputs } = maker(type)(inputs);
      return { id, outputs: { ...inputs, ...outputs } };
    },
    update: (type) => Promise.reject(new Error(`${type} is replaced, never updated.`)),
    read: (_, __, known) => Promise.resolve(known && { inputs: known.inputs, outputs: known.outputs }),
    delete: () => Promise.resolve(),
    exists: () => true,
    find: () => undefined,
    invoke: (token) => Promise.reject(new Error(`The random provider has no function ${token}.`)),
    secretOutputs: (type) => (type.endsWith(":RandomPassword") ? ["result"] : []),
  };
}

/** Inputs of RandomString and RandomPassword: which alphabets, and how many of each at least. */
function randomText(inputs: Properties): string {
  const length = Number(inputs["length"]);
  const special = typeof inputs["overrideSpecial"] === "string" ? inputs["overrideSpecial"] : alphabets.special;
  const kinds = [
    { use: inputs["lower"] !== false, least: inputs["minLower"], letters: alphabets.lower },
    { use: inputs["upper"] !== false, least: inputs["minUpper"], letters: alphabets.upper },
    { use: (inputs["numeric"] ?? inputs["number"]) !== false, least: inputs["minNumeric"], letters: alphabets.numeric },
    { use: inputs["special"] !== false, least: inputs["minSpecial"], letters: special },
  ].filter(({ use }) => use);
  const all = kinds.map(({ letters }) => letters).join("");
  const pick = (letters: string) => letters.charAt(randomInt(letters.length));
  const demanded = kinds.flatMap(({ least, letters }) =>
    Array.from({ length: Number(least ?? 0) }, () => pick(letters)),
  );
  if (all === "" || demanded.length > length) {
    throw new Error(
      `A random text of length ${length} cannot be made of the characters that its inputs allow and demand.`,
    );
  }
  const rest = Array.from({ length: length - demanded.length }, () => pick(all));
  return shuffle([...demanded, ...rest]).join("");
}

function shuffle<T>(items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [items[last], items[other]] = [items[other] as T, items[last] as T];
  }
  return items;
}
