import { arrayText, elementsOf, textOf } from "./json-text.ts";
import { type NativeFunction, native, nativeOfNull } from "./native-function.ts";

/** A function of one array; of anything else it is null. */
function ofArray(change: (elements: string[]) => string | null): NativeFunction {
  return native(["text"], "text", (json) => {
    const elements = elementsOf(json);
    return elements === undefined ? null : change(elements);
  });
}

/** A function of an array and a whole number. */
function ofArrayAndNumber(change: (elements: string[], number: number) => string[]): NativeFunction {
  return native(["text", "long"], "text", (json, number) => {
    const elements = elementsOf(json);
    return elements === undefined ? null : arrayText(change(elements, Number(number)));
  });
}

/** Numbers by size, then other values by their text; nulls come last. */
function compare(a: string, b: string): number {
  if (a === "null" || b === "null") return Number(a === "null") - Number(b === "null");
  const [x, y] = [Number(a), Number(b)];
  if (!a.startsWith('"') && !b.startsWith('"') && !Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  const [left, right] = [textOf(a), textOf(b)];
  return left < right ? -1 : Number(left > right);
}

function sorted(descending: boolean): NativeFunction {
  return native(["text", "bool"], "text", (json, nullsLast) => {
    const elements = elementsOf(json);
    if (elements === undefined) return null;
    const nulls = elements.filter((element) => element === "null");
    const values = elements.filter((element) => element !== "null").sort(compare);
    if (descending) values.reverse();
    return arrayText(nullsLast ? [...values, ...nulls] : [...nulls, ...values]);
  });
}

/** A position counted from the end if it is negative. */
function position(index: number, length: number): number {
  return index < 0 ? index + length : index;
}

function slice(elements: string[], start: number, end: number): string[] {
  return elements.slice(Math.max(0, position(start, elements.length)), Math.max(0, position(end, elements.length) + 1));
}

function rotate(elements: string[], count: number): string[] {
  if (elements.length === 0) return elements;
  const shift = ((count % elements.length) + elements.length) % elements.length;
  return [...elements.slice(shift), ...elements.slice(0, shift)];
}

function shift(elements: string[], count: number, fill: string): string[] {
  return elements.map((_, index) => elements[index + count] ?? fill);
}

const indexOf = native(["text", "text", "long", "long"], "long", (json, wanted, start, length) => {
  const elements = elementsOf(json);
  if (elements === undefined) return null;
  const from = position(Number(start), elements.length);
  const end = length < 0n ? elements.length : from + Number(length);
  return BigInt(elements.findIndex((element, index) => index >= from && index < end && textOf(element) === wanted));
});

function split(json: string, indices: string): string | null {
  const elements = elementsOf(json);
  if (elements === undefined) return null;
  const cuts = (elementsOf(indices) ?? [indices]).map((cut) => position(Number(cut), elements.length));
  const bounds = [0, ...cuts.map((cut) => Math.min(Math.max(cut, 0), elements.length)), elements.length];
  const parts = bounds.slice(1).map((end, index) => arrayText(elements.slice(bounds[index], end)));
  return arrayText(parts);
}

function unique(elements: readonly string[]): string[] {
  return [...new Set(elements)];
}

/** The choice element by element; a value that is no array stands for each element. */
const choose = nativeOfNull(["text", "text", "text"], "text", (conditions, then, otherwise) => {
  const list = conditions === null ? undefined : elementsOf(conditions);
  if (list === undefined) return null;
  const pick = (from: string | null, index: number) =>
    from === null ? "null" : from.startsWith("[") ? (elementsOf(from)?.[index] ?? "null") : from;
  const isTrue = (value: string) => value === "true" || (/^[-\d]/.test(value) && Number(value) !== 0);
  return arrayText(
    list.map((value, index) => (value === "null" ? "null" : pick(isTrue(value) ? then : otherwise, index))),
  );
});

function jaccard(a: string, b: string): number | null {
  const [left, right] = [new Set(elementsOf(a)), new Set(elementsOf(b))];
  const all = new Set([...left, ...right]).size;
  return all === 0 ? null : (left.size + right.size - all) / all;
}

export const arrayFunctions: Readonly<Record<string, NativeFunction>> = {
  kql_array_reverse: ofArray((elements) => arrayText(elements.reverse())),
  kql_array_sort_asc: sorted(false),
  kql_array_sort_desc: sorted(true),
  kql_array_slice: native(["text", "long", "long"], "text", (json, start, end) => {
    const elements = elementsOf(json);
    return elements === undefined ? null : arrayText(slice(elements, Number(start), Number(end)));
  }),
  kql_array_rotate_left: ofArrayAndNumber(rotate),
  kql_array_rotate_right: ofArrayAndNumber((elements, count) => rotate(elements, -count)),
  kql_array_shift: native(["text", "long", "text"], "text", (json, count, fill) => {
    const elements = elementsOf(json);
    return elements === undefined ? null : arrayText(shift(elements, Number(count), fill));
  }),
  kql_array_index_of: indexOf,
  kql_array_split: native(["text", "text"], "text", split),
  kql_array_iff: choose,
  kql_array_sum: native(["text"], "real", (json) => {
    const numbers = elementsOf(json)
      ?.filter((element) => element !== "null")
      .map(Number);
    return numbers === undefined || numbers.some((number) => Number.isNaN(number))
      ? null
      : numbers.reduce((sum, number) => sum + number, 0);
  }),
  // What is no array adds nothing
  kql_array_concat: nativeOfNull(["text", "text"], "text", (a, b) =>
    arrayText([...(elementsOf(a ?? "") ?? []), ...(elementsOf(b ?? "") ?? [])]),
  ),
  kql_strcat_array: native(["text", "text"], "text", (json, delimiter) =>
    (elementsOf(json) ?? []).map((element) => (element === "null" ? "" : textOf(element))).join(delimiter),
  ),
  kql_set_union: native(["text", "text"], "text", (a, b) => setOf(a, b, (left, right) => [...left, ...right])),
  kql_set_intersect: native(["text", "text"], "text", (a, b) =>
    setOf(a, b, (left, right) => left.filter((element) => right.includes(element))),
  ),
  kql_set_difference: native(["text", "text"], "text", (a, b) =>
    setOf(a, b, (left, right) => left.filter((element) => !right.includes(element))),
  ),
  kql_set_has_element: native(["text", "text"], "bool", (json, wanted) => elementsOf(json)?.includes(wanted) ?? null),
  kql_jaccard_index: native(["text", "text"], "real", jaccard),
  kql_zip: native(["text"], "text", (arrays) => {
    const lists = (elementsOf(arrays) ?? []).map((array) => elementsOf(array) ?? [array]);
    const length = Math.max(0, ...lists.map((list) => list.length));
    return arrayText(Array.from({ length }, (_, index) => arrayText(lists.map((list) => list[index] ?? "null"))));
  }),
};

function setOf(a: string, b: string, combine: (left: string[], right: string[]) => string[]): string | null {
  const [left, right] = [elementsOf(a), elementsOf(b)];
  return left === undefined || right === undefined ? null : arrayText(unique(combine(left, right)));
}
