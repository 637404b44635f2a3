import { withoutMissingLegs } from "./fuzzy.ts";
import { library } from "./parser.ts";
import type { KqlFunction, KqlSchema, KqlTable } from "./schema.ts";
import { functionSymbol, tableSymbol } from "./symbols.ts";
import { wordsIn } from "./words.ts";

/** What a name stands for, as the parser knows it, with a number that no other meaning has. */
interface Meaning {
  readonly id: number;
  readonly symbol: object;
}

/** Meanings by their definitions, and what the binder has found out about them. */
interface Lexicon {
  readonly meanings: Map<string, Meaning>;
  readonly findings: object;
}

/** Meanings after which a new lexicon is begun, for processes that see ever new ones. */
const longestLexicon = 500;
let lexicon: Lexicon | undefined;
let ids = 0;

/**
 * The tables and functions of a schema. To expand a call of a large workspace function takes the binder 100 ms, and the same content lies in
 * many a workspace and in every version of one: so where a name and all that it reads mean the same, schemas share what was found out.
 */
export class Vocabulary {
  readonly #definitions: ReadonlyMap<string, readonly (KqlTable | KqlFunction)[]>;
  readonly #lexicon = currentLexicon();
  readonly #known = new Map<KqlTable | KqlFunction, Meaning>();
  readonly #underWay = new Set<KqlFunction>();

  constructor({ tables, functions }: KqlSchema) {
    this.#definitions = Map.groupBy([...tables, ...functions], ({ name }) => name);
  }

  has(name: string): boolean {
    return this.#definitions.has(name);
  }

  get symbols(): object[] {
    return [...this.#definitions.values()].flat().map((definition) => this.#meaning(definition).symbol);
  }

  /** The parser's own kind of cache, for all states that have these symbols. */
  get findings(): object {
    return this.#lexicon.findings;
  }

  /** Numbers of all that a text can read, ascending: in two schemas where they are the same, it means the same. */
  reach(text: string): readonly number[] {
    const words = new Set(wordsIn(text));
    const unnamed = readsUnnamed.test(text);
    const read = [...this.#definitions.values()]
      .flat()
      .filter((found) => words.has(found.name) || /\W/.test(found.name) || (unnamed && "columns" in found));
    return read.map((found) => this.#meaning(found).id).sort((one, other) => one - other);
  }

  #meaning(definition: KqlTable | KqlFunction): Meaning {
    const known = this.#known.get(definition);
    if (known) return known;
    const meaning = "columns" in definition ? this.#ofTable(definition) : this.#ofFunction(definition);
    this.#known.set(definition, meaning);
    return meaning;
  }

  #ofTable({ name, columns }: KqlTable): Meaning {
    const types = columns.map((column) => [column.name, column.type]);
    return this.#shared(JSON.stringify([name, types]), () => tableSymbol({ name, columns }));
  }

  #ofFunction(definition: KqlFunction): Meaning {
    const { name, parameters, body: whole } = definition;
    const own = new Set(parameters.match(/\w+(?=\s*:)/g));
    const body = withoutMissingLegs(whole, (word) => own.has(word) || this.has(word));
    const make = () => functionSymbol({ name, parameters, body });
    // One that calls itself is an error of its own in each schema.
    if (this.#underWay.has(definition)) return { id: ++ids, symbol: make() };
    this.#underWay.add(definition);
    const key = JSON.stringify([name, parameters, body, this.reach(`${parameters} ${body}`)]);
    this.#underWay.delete(definition);
    return this.#shared(key, make);
  }

  #shared(key: string, make: () => object): Meaning {
    const { meanings } = this.#lexicon;
    const meaning = meanings.get(key) ?? { id: ++ids, symbol: make() };
    meanings.set(key, meaning);
    return meaning;
  }
}

/** What reads tables that it does not name, or whose names are values. */
const readsUnnamed = /\b(?:search|find|table)\b|\bunion\b[^]*\*/;

function currentLexicon(): Lexicon {
  if (lexicon === undefined || lexicon.meanings.size > longestLexicon) {
    lexicon = { meanings: new Map(), findings: new (library().language.Binding.GlobalBindingCache)() };
  }
  return lexicon;
}
