import { describe, expect, test } from "vitest";
import { readCatalog } from "../../kql/catalog.ts";
import { asimSchemas } from "../../kql/catalog-asim.ts";
import { chooseFunctions, functionAliases, linesToAdd, readFunctions } from "../../kql/catalog-functions.ts";

const all = readFunctions(readCatalog());
const aliasesOf = (functions: typeof all) => functions.map(({ alias }) => alias);

describe("the functions of a stack", () => {
  test("register themselves with ASIM in a new workspace", () => {
    const deployed = chooseFunctions(all, {}, "new");
    for (const schema of asimSchemas) {
      expect(aliasesOf(deployed)).toEqual(expect.arrayContaining([`Im_${schema}Custom`, `ASim_${schema}Custom`]));
    }
    expect(linesToAdd(deployed)).toEqual({});
  });

  test("leave ASIM's functions of an existing workspace alone, and say what to add to them", () => {
    const deployed = chooseFunctions(all, {}, "existing");
    expect(aliasesOf(deployed).filter((alias) => alias.endsWith("Custom"))).toEqual([]);
    const lines = linesToAdd(deployed);
    expect(Object.keys(lines)).toHaveLength(2 * asimSchemas.length);
    expect(lines["Im_UserManagementCustom"]).toBe(
      "union isfuzzy=true\n    vimUserManagementSentinelOneActivities(starttime=starttime, endtime=endtime, " +
        "srcipaddr_has_any_prefix=srcipaddr_has_any_prefix, targetusername_has_any=targetusername_has_any, " +
        "actorusername_has_any=actorusername_has_any, eventtype_in=eventtype_in, disabled=disabled, pack=pack)",
    );
    expect(lines["ASim_UserManagementCustom"]).toBe(
      "union isfuzzy=true\n    ASimUserManagementSentinelOneActivities(disabled=disabled, pack=pack)",
    );
  });

  test("follow the stack: an alias is left to somebody else, or taken in an existing workspace", () => {
    const deployed = chooseFunctions(all, { SentinelOne: "skip", Im_DnsCustom: "ours" }, "existing");
    expect(aliasesOf(deployed)).not.toContain("SentinelOne");
    expect(aliasesOf(deployed)).toContain("Im_DnsCustom");
    expect(linesToAdd(deployed)).not.toHaveProperty("Im_DnsCustom");
  });

  test("register no parser that is not there", () => {
    const without = chooseFunctions(all, { vimDnsSentinelOneAlerts: "skip" }, "new");
    expect(aliasesOf(without)).not.toContain("Im_DnsCustom");
  });

  test("do not repeat alerts that a parser of Microsoft's has, unless they are asked to", () => {
    const line = (choices: Parameters<typeof chooseFunctions>[1]) =>
      chooseFunctions(all, choices, "new").find(({ alias }) => alias === "Im_AlertEventCustom")?.query;
    expect(line({})).not.toContain("vimAlertEventSentinelOneAlerts(");
    expect(line({ vimAlertEventSentinelOneAlerts: "ours" })).toContain("vimAlertEventSentinelOneAlerts(");
  });
});

test("every alias may be decided about, and is there once", () => {
  const aliases = functionAliases(all);
  expect(new Set(aliases).size).toBe(aliases.length);
  expect(aliases).toEqual(expect.arrayContaining(["SentinelOne", "ValenceAlerts", "Im_DnsCustom", "ASim_DnsCustom"]));
});

test("no alias is one of Microsoft's, but for the parser that ours stands in for", () => {
  const published = /^(SentinelOne|(vim|ASim)\w+SentinelOne(Singularity(Alerts)?)?)$/;
  expect(functionAliases(all).filter((alias) => published.test(alias))).toEqual(["SentinelOne"]);
});
