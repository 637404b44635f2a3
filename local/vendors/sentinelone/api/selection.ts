/** The fields that a GraphQL query asks for: each with what it asks of that field in turn. */
export type Selection = ReadonlyMap<string, Selection>;

/** The query's outermost selection. Arguments are variables throughout, so they say nothing here. Throws for what is not balanced. */
export function readSelection(query: string): Selection {
  const text = query.replaceAll(/\([^()]*\)/g, " ");
  const tokens = text.slice(text.indexOf("{")).match(/[{}]|\w+/g) ?? [];
  let at = 0;
  const read = (): Selection => {
    const fields = new Map<string, Selection>();
    if (tokens[at++] !== "{") throw new SyntaxError("a selection was expected");
    while (tokens[at] !== "}") {
      const name = tokens[at++];
      if (name === undefined || name === "{") throw new SyntaxError("a field was expected");
      fields.set(name, tokens[at] === "{" ? read() : new Map());
    }
    at++;
    return fields;
  };
  return read();
}

/** What a query asks of a value; lists give it of each element. */
export function select(value: unknown, selection: Selection): unknown {
  if (Array.isArray(value)) return value.map((element) => select(element, selection));
  if (selection.size === 0 || typeof value !== "object" || value === null) return value;
  const record = value as Record<string, unknown>;
  return Object.fromEntries([...selection].map(([name, inner]) => [name, select(record[name], inner)]));
}

/** Paths that are asked for but not known. */
export function unknownFields(selection: Selection, known: Selection, path: readonly string[]): string[] {
  return [...selection].flatMap(([name, inner]) => {
    const field = known.get(name);
    return field ? unknownFields(inner, field, [...path, name]) : [[...path, name].join("/")];
  });
}
