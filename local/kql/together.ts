import { askAll, type Extraction, type Part } from "./part.ts";
import type { Sql } from "./sql.ts";

/** Pieces of SQL that read lists of answers, and the lists, by name, to be computed one step earlier. */
interface Together {
  readonly pieces: ReadonlyMap<string, Sql>;
  readonly lists: ReadonlyMap<string, string>;
}

/**
 * Asks a JSON document once for all that several values need of it: DuckDB would read it once for each. A document is a
 * column, so its questions read the same wherever they stand.
 */
export function askTogether(pieces: ReadonlyMap<string, Sql>): Together {
  const lists = new Map<string, string>();
  const answers = new Map<string, string>();
  for (const [name, extractions] of Map.groupBy(extractionsOf(pieces), ([, { question, part }]) =>
    listName(question, part),
  )) {
    const paths = [...new Set(extractions.map(([, { part }]) => part.path))];
    const [first] = extractions;
    if (paths.length < 2 || first === undefined) continue;
    lists.set(name, askAll(first[1].question, first[1].part, paths));
    for (const [text, { part }] of extractions) answers.set(text, `${name}[${paths.indexOf(part.path) + 1}]`);
  }
  return lists.size === 0 ? { pieces, lists } : { pieces: replaced(pieces, answers), lists };
}

function extractionsOf(pieces: ReadonlyMap<string, Sql>): [string, Extraction][] {
  return [...new Map([...pieces.values()].flatMap(({ extractions }) => [...(extractions ?? [])]))];
}

function listName(question: Extraction["question"], { document, raw }: Part): string {
  return `${document.text}_${question}${raw === true ? "_raw" : ""}`;
}

function replaced(pieces: ReadonlyMap<string, Sql>, answers: ReadonlyMap<string, string>): ReadonlyMap<string, Sql> {
  return new Map(
    [...pieces].map(([id, piece]): [string, Sql] => {
      let { text } = piece;
      for (const question of piece.extractions?.keys() ?? []) {
        const answer = answers.get(question);
        if (answer !== undefined) text = text.replaceAll(question, answer);
      }
      return [id, { text, uses: piece.uses }];
    }),
  );
}
