import { type Tile, timeRange, type Workbook } from "../kql/catalog-workbooks.ts";
import { deterministicGuid } from "./naming.ts";

const dayMs = 86_400_000;

/** What every query of a workbook is asked of: the workspace that the workbook belongs to. */
const ofWorkspace = { queryType: 0, resourceType: "microsoft.operationalinsights/workspaces" } as const;

/**
 * A workbook as Azure stores it: the same text for the same workbook and version, so that nothing is deployed that has not changed.
 * @see https://github.com/microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json
 */
export function notebook(workbook: Workbook, version: string): string {
  const about = `${workbook.description}\n\n_Content of sentinelone-valence-connector, version ${version}._`;
  const items = [
    { type: 1, content: { json: about }, name: "about" },
    parameters(workbook),
    ...workbook.sections.flatMap(({ title, text, tiles }) => [
      { type: 1, content: { json: `## ${title}${text ? `\n${text}` : ""}` }, name: `section ${title}` },
      ...tiles.map(query),
    ]),
  ];
  return JSON.stringify({ version: "Notebook/1.0", items, $schema: schema });
}

const schema = "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json";

function parameters({ id: workbook, days, filters }: Workbook) {
  const common = { version: "KqlParameterItem/1.0", isRequired: true } as const;
  const time = {
    ...common,
    id: deterministicGuid("parameter", workbook, timeRange),
    name: timeRange,
    label: "Time",
    // 4: a stretch of time
    type: 4,
    value: { durationMs: days * dayMs },
    typeSettings: {
      selectableValues: [1, 7, 14, 30, 90].map((choice) => ({ durationMs: choice * dayMs })),
      allowCustom: true,
    },
  };
  const choices = filters.map(({ name, column, from }) => ({
    ...common,
    id: deterministicGuid("parameter", workbook, name),
    name,
    // 2: a choice among the values of a query
    type: 2,
    multiSelect: true,
    quote: "'",
    delimiter: ",",
    query: `${from}\n| where isnotempty(${column})\n| distinct ${column}\n| order by ${column} asc`,
    // All is the text '*', so that rows with no value are among all of them.
    typeSettings: { additionalResourceOptions: ["value::all"], selectAllValue: "*", showDefault: false },
    timeContext: { durationMs: 30 * dayMs },
    defaultValue: "value::all",
    value: ["value::all"],
    ...ofWorkspace,
  }));
  const content = { version: "KqlParameterItem/1.0", parameters: [time, ...choices], style: "pills", ...ofWorkspace };
  return { type: 9, content, name: "parameters" };
}

function query(tile: Tile) {
  const { shownFor, selects } = tile;
  return {
    type: 3,
    content: {
      version: "KqlItem/1.0",
      query: tile.query,
      size: tile.shows === "tiles" ? 4 : 0,
      title: tile.title,
      noDataMessage: "Nothing in this time.",
      ...(selects && {
        exportedParameters: [{ fieldName: selects.column, parameterName: selects.parameter, parameterType: 1 }],
      }),
      ...ofWorkspace,
      visualization: tile.shows,
      ...appearance(tile),
    },
    ...(shownFor && { conditionalVisibility: { parameterName: shownFor, comparison: "isNotEqualTo" } }),
    customWidth: String(tile.width),
    name: tile.tile,
    styleSettings: { showBorder: true },
  };
}

function appearance({ shows, colours = {} }: Tile) {
  if (shows === "tiles") {
    return {
      tileSettings: {
        // 1: text, 12: a big number
        titleContent: { columnMatch: "Measure", formatter: 1 },
        leftContent: {
          columnMatch: "Value",
          formatter: 12,
          formatOptions: { palette: "auto" },
          // 17: a count, shortened
          numberFormat: { unit: 17, options: { style: "decimal", maximumFractionDigits: 1 } },
        },
        showBorder: true,
      },
    };
  }
  if (shows !== "table") return {};
  const formatters = Object.entries(colours).map(([column, values]) => ({
    columnMatch: column,
    // 18: thresholds
    formatter: 18,
    formatOptions: { thresholdsOptions: "colors", thresholdsGrid: Object.entries(values).map(threshold) },
  }));
  return { gridSettings: { rowLimit: 1000, filter: true, ...(formatters.length > 0 && { formatters }) } };
}

/** `["< 7", "red"]` or `["failing", "red"]` as Azure writes it. */
function threshold([value, representation]: readonly [string, string]) {
  const [, operator = "==", limit = value] = /^(<=|>=|<|>) (\S+)$/.exec(value) ?? [];
  const when = value === "default" ? { operator: "Default" } : { operator, thresholdValue: limit };
  return { ...when, representation, text: "{0}{1}" };
}
