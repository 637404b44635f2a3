import { json } from "../../server.ts";
import type { SimulatorAnswer } from "../../simulator.ts";
import { isoMicros } from "../../time.ts";
import type { CursorKind } from "./cursor.ts";
import { InvalidParameter } from "./errors.ts";
import type { Feed } from "./feed.ts";
import { type List, listOf } from "./list.ts";
import { queryFeed } from "./query.ts";
import { readSelection, type Selection, select, unknownFields } from "./selection.ts";

/** A feed that is asked for by GraphQL. */
export interface ConnectionFeed<Row> extends Feed<Row> {
  /** The field of `Query` that holds the connection. */
  readonly field: string;
  /** Every field of a node, as a query would select them. */
  readonly nodeFields: string;
}

interface Variables {
  readonly first?: number;
  readonly after?: string;
  readonly filters?: readonly {
    readonly fieldId: string;
    readonly dateTimeRange?: { readonly start: number; readonly end: number };
  }[];
  readonly sort?: { readonly by: string; readonly order: string };
  readonly scope?: { readonly scopeType: string; readonly scopeIds: readonly string[] };
}

/** Serves a feed as a GraphQL connection: HTTP says 200 whatever becomes of the query. */
export function connectionOf<Row>(feed: ConnectionFeed<Row>, cursor: CursorKind): List {
  const node = readSelection(`{ ${feed.nodeFields} }`);
  const leaf: Selection = new Map();
  const known: Selection = new Map([
    [
      feed.field,
      new Map<string, Selection>([
        ["totalCount", leaf],
        [
          "pageInfo",
          new Map(["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"].map((name) => [name, leaf])),
        ],
        [
          "edges",
          new Map<string, Selection>([
            ["cursor", leaf],
            ["node", node],
          ]),
        ],
      ]),
    ],
  ]);

  const post = (body: string, now: number): SimulatorAnswer => {
    try {
      const { query, variables = {} } = JSON.parse(body) as { query: string; variables?: Variables };
      const selection = readSelection(query);
      const [unknown] = unknownFields(selection, known, []);
      if (unknown !== undefined) {
        const name = unknown.split("/").at(-1);
        return errors(
          `Validation error (FieldUndefined@[${unknown}]) : Field '${name}' is undefined`,
          "ValidationError",
        );
      }
      const page = queryFeed(feed, parametersOf(variables), now, cursor);
      const edges = page.rows.map((row) => ({ cursor: feed.id(row), node: JSON.parse(feed.render(row)) as unknown }));
      const pageInfo = {
        hasNextPage: page.nextCursor !== null,
        hasPreviousPage: variables.after !== undefined,
        startCursor: edges[0]?.cursor ?? null,
        // There is one on the last page too.
        endCursor: page.nextCursor ?? edges.at(-1)?.cursor ?? null,
      };
      const answer = { [feed.field]: { totalCount: page.totalItems, pageInfo, edges } };
      return json(200, JSON.stringify({ data: select(answer, selection) }));
    } catch (error) {
      if (error instanceof InvalidParameter) return errors(error.message, "DataFetchingException");
      if (error instanceof SyntaxError) return errors("Invalid syntax", "InvalidSyntax");
      throw error;
    }
  };
  return { ...listOf(feed, cursor), post };
}

const errors = (message: string, classification: string): SimulatorAnswer =>
  json(200, JSON.stringify({ errors: [{ message, extensions: { classification } }], data: null }));

/** The same questions in the words of the REST lists. */
function parametersOf({ first, after, filters = [], sort, scope }: Variables): URLSearchParams {
  const parameters = new URLSearchParams();
  if (first !== undefined) parameters.set("limit", String(first));
  if (after !== undefined) parameters.set("cursor", after);
  if (sort) {
    parameters.set("sortBy", sort.by);
    parameters.set("sortOrder", sort.order.toLowerCase());
  }
  for (const { fieldId, dateTimeRange } of filters) {
    if (!dateTimeRange) throw new InvalidParameter(fieldId, "Only dateTimeRange is simulated.");
    parameters.set(`${fieldId}__gte`, isoMicros(dateTimeRange.start * 1000));
    parameters.set(`${fieldId}__lte`, isoMicros(dateTimeRange.end * 1000));
  }
  if (scope) {
    if (scope.scopeType !== "SITE") throw new InvalidParameter("scope", "Only sites are simulated.");
    parameters.set("siteIds", scope.scopeIds.join(","));
  }
  return parameters;
}
