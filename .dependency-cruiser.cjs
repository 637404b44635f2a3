/** Import directions between the rooms of the house; the map is in CONTRIBUTING.md. */
const room = (name, from, allowed) => ({
  name,
  severity: "error",
  from: { path: from },
  to: { path: "^(stacks|components|function-code|kql|local|test|tools)/", pathNot: allowed },
});

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    room("stacks-see-components-and-the-catalog", "^stacks/(?!operator/)", "^(stacks/|components/|kql/catalog)"),
    room("operator-sees-the-workers-state", "^stacks/operator/", "^(stacks/|components/|kql/catalog|function-code/)"),
    room("components-see-the-catalog", "^components/", "^(components/|kql/catalog)"),
    room("function-code-sees-itself", "^function-code/", "^function-code/"),
    room("the-catalog-sees-itself", "^kql/", "^kql/"),
    room("local-azure-sees-local-kql", "^local/azure/", "^local/(azure|kql)/"),
    room("local-kql-sees-itself", "^local/kql/", "^local/kql/"),
    room("simulators-see-themselves", "^local/vendors/", "^local/vendors/"),
    room("commands-do-not-see-tests", "^local/commands/", "^(stacks|components|function-code|kql|local)/"),
    room("tools-see-themselves", "^tools/", "^tools/"),
    {
      name: "no-pulumi-in-the-cloud",
      severity: "error",
      from: { path: "^function-code/" },
      to: { path: "node_modules/@pulumi/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
