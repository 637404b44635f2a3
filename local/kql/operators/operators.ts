import { columnOperators } from "./columns.ts";
import { evaluateOperators } from "./evaluate.ts";
import { expandOperators } from "./expand.ts";
import { joinOperators } from "./joins.ts";
import { parseOperators } from "./parse.ts";
import { rowOperators } from "./rows.ts";
import { seriesOperators } from "./series.ts";
import type { OperatorFunction } from "./shape.ts";
import { summarize } from "./summarize.ts";

/** The operators that take rows and yield rows, by the kind of their node. */
export const tabularOperators = {
  ...columnOperators,
  ...rowOperators,
  ...joinOperators,
  ...expandOperators,
  ...parseOperators,
  ...seriesOperators,
  ...evaluateOperators,
  SummarizeOperator: summarize,
} as unknown as Readonly<Record<string, OperatorFunction>>;
