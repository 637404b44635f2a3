import { arrayText, bagText, elementsOf, propertiesOf, textOf } from "./json-text.ts";
import { type NativeFunction, native, nativeOfNull } from "./native-function.ts";

/** Properties of both, the first bag's where both have one; null if neither is a bag. */
const merge = nativeOfNull(["text", "text"], "text", (a, b) => {
  const [left, right] = [a === null ? undefined : propertiesOf(a), b === null ? undefined : propertiesOf(b)];
  if (left === undefined && right === undefined) return null;
  const merged = new Map(left);
  for (const [name, value] of right ?? []) if (!merged.has(name)) merged.set(name, value);
  return bagText(merged);
});

function removeKeys(json: string, keys: string): string | null {
  const properties = propertiesOf(json);
  if (properties === undefined) return null;
  const removed = new Set((elementsOf(keys) ?? []).map(textOf));
  return bagText(properties.filter(([name]) => !removed.has(name)));
}

/** All paths into a value: `["a"]`, `["a"]["b"]`, `["a"][0]`. */
function treepath(json: string): string {
  const paths: string[] = [];
  const visit = (value: string, path: string) => {
    for (const [name, part] of propertiesOf(value) ?? []) {
      paths.push(`${path}['${name}']`);
      visit(part, `${path}['${name}']`);
    }
    const elements = elementsOf(value);
    if (elements !== undefined && elements.length > 0) {
      paths.push(`${path}[0]`);
      visit(elements[0] as string, `${path}[0]`);
    }
  };
  visit(json, "");
  return JSON.stringify(paths);
}

/** Properties in the order of their names, at every level. */
function canonical(json: string): string {
  const elements = elementsOf(json);
  if (elements !== undefined) return arrayText(elements.map(canonical));
  const properties = propertiesOf(json);
  if (properties === undefined) return json;
  return bagText(
    properties
      .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))
      .map(([name, value]): [string, string] => [name, canonical(value)]),
  );
}

export const bagFunctions: Readonly<Record<string, NativeFunction>> = {
  kql_bag_keys: native(["text"], "text", (json) => {
    const properties = propertiesOf(json);
    return properties === undefined ? null : JSON.stringify(properties.map(([name]) => name));
  }),
  kql_bag_merge: merge,
  kql_bag_remove_keys: native(["text", "text"], "text", removeKeys),
  kql_bag_zip: native(["text", "text"], "text", (keys, values) => {
    const [names, list] = [elementsOf(keys), elementsOf(values)];
    if (names === undefined || list === undefined) return null;
    return bagText(names.map((name, index): [string, string] => [textOf(name), list[index] ?? "null"]));
  }),
  kql_bag_of: native(["text"], "text", (list) => {
    const merged = new Map<string, string>();
    for (const bag of elementsOf(list) ?? []) {
      for (const [name, value] of propertiesOf(bag) ?? []) if (!merged.has(name)) merged.set(name, value);
    }
    return bagText(merged);
  }),
  /** A value's elements as a list: an array's, a bag's properties as bags, or the value alone. */
  kql_expand: native(["text"], "text", (json) => {
    const properties = propertiesOf(json);
    if (properties !== undefined) return arrayText(properties.map((property) => bagText([property])));
    return json.startsWith("[") ? json : arrayText([json]);
  }),
  kql_treepath: native(["text"], "text", treepath),
  kql_dynamic_to_json: native(["text"], "text", canonical),
};
