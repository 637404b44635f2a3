/** Every name in a query, of columns, tables and functions alike; not what stands in texts. */
export function namesIn(query: string): ReadonlySet<string> {
  const withoutTexts = query.replace(/@?"(?:[^"\\]|\\.)*"|@?'(?:[^'\\]|\\.)*'/g, '""');
  return new Set(withoutTexts.match(/[A-Za-z_]\w*/g));
}
