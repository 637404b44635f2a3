/** Sorts so that each item comes after those that it depends on; dependencies that are not among the items do not matter. */
export function byDependency<T extends { readonly urn: string; readonly dependencies: readonly string[] }>(
  items: readonly T[],
): T[] {
  const byUrn = new Map(items.map((item) => [item.urn, item]));
  const sorted = new Set<T>();
  const visit = (item: T | undefined) => {
    if (!item || !byUrn.delete(item.urn)) return;
    for (const urn of item.dependencies) visit(byUrn.get(urn));
    sorted.add(item);
  };
  for (const item of items) visit(item);
  return [...sorted];
}
