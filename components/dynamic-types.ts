/** The module that this program's dynamic resources give as theirs. */
export const dynamicModule = "sentinelone-valence-connector";

/** What the engine calls a type of theirs: the SDK puts its own package before the module. */
export const dynamicType = (name: "Code" | "KnownTables") => `pulumi-nodejs:dynamic/${dynamicModule}:${name}`;
