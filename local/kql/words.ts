/** Names in a query, without its texts and comments. */
export const wordsIn = (kql: string): readonly string[] =>
  kql.replace(/@?"(?:[^"\\\n]|\\.)*"|@?'(?:[^'\\\n]|\\.)*'|\/\/.*/g, " ").match(/\b[A-Za-z_]\w*/g) ?? [];
