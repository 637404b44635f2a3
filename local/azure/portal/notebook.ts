/** What a query answers; `execute` of the query API. */
export interface Answer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface RenderedTile extends Answer {
  /** Heading above the tile. */
  readonly section: string;
  readonly name: string;
  readonly title: string;
  readonly visualization: string;
}

/**
 * Opens a workbook as the portal does: every parameter at its default, the first row of every list that selects something clicked, each
 * tile's query asked. An error names the tile.
 * @param serializedData what `Microsoft.Insights/workbooks` stores
 */
export async function renderNotebook(
  serializedData: string,
  ask: (query: string) => Promise<Answer>,
): Promise<readonly RenderedTile[]> {
  const { items } = JSON.parse(serializedData) as { items: readonly Item[] };
  const values = new Map<string, string>();
  const tiles: RenderedTile[] = [];
  let section = "";
  for (const item of items) {
    if (item.type === textItem) section = /^#+ (.+)$/m.exec(item.content.json)?.[1] ?? section;
    if (item.type === parametersItem) for (const parameter of item.content.parameters) setDefault(values, parameter);
    if (item.type === queryItem) {
      const answer = await askTile(item, values, ask);
      for (const { fieldName, parameterName } of item.content.exportedParameters ?? []) {
        const column = answer.columns.findIndex(({ name }) => name === fieldName);
        values.set(parameterName, asText(answer.rows[0]?.[column]));
      }
      const { title, visualization } = item.content;
      tiles.push({ ...answer, section, name: item.name, title, visualization });
    }
  }
  return tiles;
}

const textItem = 1;
const queryItem = 3;
const parametersItem = 9;

type Item = TextItem | QueryItem | ParametersItem;

interface TextItem {
  readonly type: typeof textItem;
  readonly content: { readonly json: string };
}

interface QueryItem {
  readonly type: typeof queryItem;
  readonly name: string;
  readonly content: {
    readonly query: string;
    readonly title: string;
    readonly visualization: string;
    readonly exportedParameters?: readonly { readonly fieldName: string; readonly parameterName: string }[];
  };
}

interface ParametersItem {
  readonly type: typeof parametersItem;
  readonly content: { readonly parameters: readonly Parameter[] };
}

interface Parameter {
  readonly name: string;
  readonly quote?: string;
  readonly value: { readonly durationMs: number } | readonly string[];
  readonly typeSettings: { readonly selectAllValue?: string };
}

/** Azure writes a stretch of time as `> ago(7d)`, and a choice as the quoted values, joined. */
function setDefault(values: Map<string, string>, { name, value, quote = "", typeSettings }: Parameter): void {
  if ("durationMs" in value) {
    values.set(name, `> ago(${value.durationMs / 86_400_000}d)`);
    return;
  }
  const chosen = value.map((one) => (one === "value::all" ? (typeSettings.selectAllValue ?? "") : one));
  values.set(name, chosen.map((one) => `${quote}${one}${quote}`).join(","));
}

async function askTile(item: QueryItem, values: ReadonlyMap<string, string>, ask: (query: string) => Promise<Answer>) {
  const query = item.content.query.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`Tile ${item.name} speaks of {${name}}, which nothing sets before it.`);
    return value;
  });
  try {
    return await ask(query);
  } catch (error) {
    throw new Error(`Tile ${item.name}: ${(error as Error).message}`, { cause: error });
  }
}

const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value ?? ""));
