// Dynamic values taken apart and put together as text: parsing numbers would round those beyond 2^53.
// The text is what DuckDB writes, without white space.

/** The position after the JSON value that starts at `start`. */
function endOfValue(json: string, start: number): number {
  let depth = 0;
  for (let index = start; index < json.length; index += 1) {
    const character = json[index];
    if (character === '"') {
      index = endOfString(json, index) - 1;
      if (depth === 0) return index + 1;
    } else if (character === "[" || character === "{") {
      depth += 1;
    } else if (character === "]" || character === "}") {
      if (depth === 0) return index;
      depth -= 1;
      if (depth === 0) return index + 1;
    } else if (character === "," && depth === 0) {
      return index;
    }
  }
  return json.length;
}

function endOfString(json: string, start: number): number {
  for (let index = start + 1; index < json.length; index += 1) {
    if (json[index] === "\\") index += 1;
    else if (json[index] === '"') return index + 1;
  }
  return json.length;
}

/** The elements of an array, each as JSON text; undefined if the value is no array. */
export function elementsOf(json: string): string[] | undefined {
  if (!json.startsWith("[")) return undefined;
  const elements: string[] = [];
  for (let index = 1; index < json.length - 1; ) {
    const end = endOfValue(json, index);
    elements.push(json.slice(index, end));
    index = end + 1;
  }
  return elements;
}

/** The properties of a bag, names decoded and values as JSON text; undefined if the value is no bag. */
export function propertiesOf(json: string): [string, string][] | undefined {
  if (!json.startsWith("{")) return undefined;
  const properties: [string, string][] = [];
  for (let index = 1; index < json.length - 1; ) {
    const colon = endOfString(json, index);
    const end = endOfValue(json, colon + 1);
    properties.push([JSON.parse(json.slice(index, colon)) as string, json.slice(colon + 1, end)]);
    index = end + 1;
  }
  return properties;
}

export function arrayText(elements: readonly string[]): string {
  return `[${elements.join(",")}]`;
}

export function bagText(properties: Iterable<readonly [string, string]>): string {
  return `{${[...properties].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
}

/** A value as text: a string without its quotes, anything else as JSON. */
export function textOf(json: string): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}
