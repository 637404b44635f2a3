/** Tags of every resource that takes tags: whose it is, then the operator's own, which win. */
export function resourceTags(stack: string, own: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { application: "sentinelone-valence-connector", stack, ...own };
}
