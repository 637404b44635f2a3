import { describe, expect, test } from "vitest";
import { emea, problemsOf, settings, tenant, withConnection } from "./sample-settings.ts";

describe("what is wrong is named, with the value, what is allowed, and the fix", () => {
  const { url: _url, ...noUrl } = emea;
  const { apiToken: _token, ...noToken } = emea;
  const { region: _region, ...noRegion } = tenant;
  const soc =
    "/subscriptions/aaaaaaaa-0000-0000-0000-000000000000/resourceGroups/soc/providers/Microsoft.OperationalInsights/workspaces/soc";

  test.each<[string, () => unknown, string, RegExp, RegExp]>([
    ["no location", () => settings({ location: undefined }), "location", /is missing/, /westeurope/],
    [
      "a location by its display name",
      () => settings({ location: "West Europe" }),
      "location",
      /"West Europe"/,
      /short name/,
    ],
    ["no connections", () => settings({ connections: undefined }), "connections", /is missing/, /at least one/],
    ["an empty list of connections", () => settings({ connections: "[]" }), "connections", /a list/, /at least one/],
    ["a workspace by its name", () => settings({ workspaceId: "soc" }), "workspaceId", /"soc"/, /\/subscriptions\//],
    ["too few days", () => settings({ retentionDays: "7" }), "retentionDays", /"7"/, /30 to 730/],
    [
      "rows that go before they may",
      () => settings({ retentionDays: "180", totalRetentionDays: "90" }),
      "totalRetentionDays",
      /"90"/,
      /180 \(retentionDays\) to 730/,
    ],
    [
      "two and a half years",
      () => settings({ totalRetentionDays: "900" }),
      "totalRetentionDays",
      /"900"/,
      /730, or 1095/,
    ],
    [
      "a Basic table that rules read",
      () => settings({ basicTables: '["sentinelone/threats"]' }),
      "basicTables",
      /a list/,
      /sentinelone\/applications/,
    ],
    [
      "a cap on somebody else's workspace",
      () => settings({ dailyCapGb: "5", workspaceId: soc }),
      "dailyCapGb",
      /"5"/,
      /its owner's to set/,
    ],
    ["a number in words", () => settings({ retentionDays: "ninety" }), "retentionDays", /"ninety"/, /whole number/],
    ["a fraction", () => settings({ ledgerDays: "1.5" }), "ledgerDays", /"1.5"/, /whole number from 1 to 90/],
    ["neither true nor false", () => settings({ protectData: "yes" }), "protectData", /"yes"/, /true or false/],
    ["a duration without a unit", () => settings({ since: "24" }), "since", /"24"/, /90m, 24h, 7d, 2w/],
    [
      "a size that Flex does not have",
      () => settings({ instanceMemoryMb: "1024" }),
      "instanceMemoryMb",
      /"1024"/,
      /512, 2048, 4096/,
    ],
    [
      "an operator without a type",
      () => settings({ operators: '[{"principalId":"aaaaaaaa-0000-0000-0000-000000000001"}]' }),
      "operators",
      /a list/,
      /principalType: User, Group or ServicePrincipal/,
    ],
    ["a tag that is no text", () => settings({ tags: '{"a":1}' }), "tags", /an object/, /object of texts/],
    [
      "a setting that there is not",
      () => settings({ retentionDay: "30" }),
      "retentionDay",
      /not shown/,
      /retentionDays/,
    ],
    ["another cloud", () => settings({}, "china"), "azure-native:environment", /"china"/, /public/],
    [
      "a name in capitals",
      () => withConnection({ ...emea, name: "EMEA" }),
      "connections[0].name",
      /"EMEA"/,
      /a-z, 0-9 and -/,
    ],
    [
      "the name of pushed rows",
      () => withConnection({ ...emea, name: "push" }),
      "connections[0].name",
      /"push"/,
      /not "push"/,
    ],
    [
      "another vendor",
      () => withConnection({ ...emea, vendor: "acme" }),
      "connections[0].vendor",
      /"acme"/,
      /sentinelone, valence/,
    ],
    [
      "plain http",
      () => withConnection({ ...emea, url: "http://emea.example" }),
      "connections[0].url",
      /"http:/,
      /https/,
    ],
    [
      "http that only looks local",
      () => withConnection({ ...emea, url: "http://127.0.0.1.evil.example" }),
      "connections[0].url",
      /evil/,
      /https/,
    ],
    [
      "an address with a path",
      () => withConnection({ ...emea, url: "https://emea.example/web/api" }),
      "connections[0].url",
      /web\/api/,
      /without a path/,
    ],
    [
      "credentials in the address",
      () => withConnection({ ...emea, url: "https://a:b@emea.example" }),
      "connections[0].url",
      /given/,
      /https/,
    ],
    ["no address", () => withConnection(noUrl), "connections[0].url", /is missing/, /console/],
    ["no address of a tenant", () => withConnection(noRegion), "connections[0].url", /is missing/, /or a region/],
    [
      "a region of SentinelOne",
      () => withConnection({ ...noUrl, region: "eu" }),
      "connections[0].region",
      /"eu"/,
      /by url/,
    ],
    [
      "region and url",
      () => withConnection({ ...tenant, url: "https://v.example" }),
      "connections[0].region",
      /"eu"/,
      /either/,
    ],
    ["no token", () => withConnection(noToken), "connections[0].apiToken", /is missing/, /secretId/],
    [
      "a token twice",
      () => withConnection({ ...emea, secretId: "https://v.vault.azure.net/secrets/a" }),
      "connections[0].secretId",
      /vault/,
      /either/,
    ],
    [
      "a secret with its version",
      () => withConnection({ ...noToken, secretId: "https://v.vault.azure.net/secrets/a/0123" }),
      "connections[0].secretId",
      /0123/,
      /versionless/,
    ],
    [
      "a vault without a secret",
      () =>
        withConnection({
          ...emea,
          vaultId: "/subscriptions/a/resourceGroups/b/providers/Microsoft.KeyVault/vaults/c",
        }),
      "connections[0].vaultId",
      /given/,
      /together/,
    ],
    [
      "a stream that there is not",
      () => withConnection({ ...emea, streams: { treats: false } }),
      "connections[0].streams.treats",
      /not shown/,
      /threats/,
    ],
    [
      "a site id whose last digits are lost",
      () => withConnection({ ...emea, siteIds: [1234567] }),
      "connections[0].siteIds",
      /a list/,
      /quotes/,
    ],
    [
      "sites of Valence",
      () => withConnection({ ...tenant, siteIds: ["1"] }),
      "connections[0].siteIds",
      /a list/,
      /only SentinelOne/,
    ],
    [
      "a profile of SentinelOne",
      () => withConnection({ ...emea, profile: {} }),
      "connections[0].profile",
      /object/,
      /only Valence/,
    ],
    [
      "a field that there is not",
      () => withConnection({ ...emea, sites: ["1"] }),
      "connections[0].sites",
      /a list/,
      /siteIds/,
    ],
    [
      "a connection that is no object",
      () => settings({ connections: '["emea"]' }),
      "connections[0].name",
      /is missing/,
      /a-z/,
    ],
  ])("%s", (_, read, setting, given, allowed) => {
    const problem = problemsOf(read).find((found) => found.setting === setting);
    expect(problem).toEqual({
      setting,
      given: expect.stringMatching(given),
      allowed: expect.stringMatching(allowed),
      fix: expect.stringMatching(/./),
    });
  });

  test("a token in plain text", () => {
    const problems = problemsOf(() => settings({}, undefined, false));
    expect(problems).toEqual([
      {
        setting: "connections[0].apiToken",
        given: "was given a value that is not shown",
        allowed: expect.stringMatching(/as a secret/),
        fix: "pulumi config set --secret --path 'connections[0].apiToken'",
      },
    ]);
  });

  test("two connections of one name", () => {
    const problems = problemsOf(() => settings({ connections: JSON.stringify([emea, { ...tenant, name: "emea" }]) }));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.given).toContain('2 connections named "emea"');
  });

  test("all at once", () => {
    const problems = problemsOf(() =>
      settings({
        location: "",
        since: "soon",
        connections: JSON.stringify([{ ...emea, name: "A", url: "x" }, { vendor: "b" }]),
      }),
    );
    expect(problems.map(({ setting }) => setting).sort()).toEqual([
      "connections[0].name",
      "connections[0].url",
      "connections[1].apiToken",
      "connections[1].name",
      "connections[1].url",
      "connections[1].vendor",
      "location",
      "since",
    ]);
  });

  test("in words that an operator can act upon", () => {
    expect(() => withConnection({ ...emea, url: "http://emea.example" })).toThrow(
      [
        '1 setting of stack "prod" is wrong.',
        '  connections[0].url: was given "http://emea.example"',
        "    allowed: the address of the console, https://<host> without a path (plain http for this machine only)",
        "    fix:     pulumi config set --path 'connections[0].url' <value>",
      ].join("\n"),
    );
  });
});

test.each([
  ["bad JSON", '[{"name":"emea","apiToken":"canary-token"'],
  ["a list of another kind", '"canary-token"'],
  ["a token with a line break", JSON.stringify([{ ...emea, apiToken: "canary-token\n" }])],
  ["a token that is no text", JSON.stringify([{ ...emea, apiToken: ["canary-token"] }])],
  ["a token in the wrong place", JSON.stringify([{ ...emea, apiToken: undefined, token: "canary-token" }])],
  ["a token as the list's item", JSON.stringify(["canary-token"])],
])("no message shows a token: %s", (_, connections) => {
  const problems = problemsOf(() => settings({ connections }));
  expect(problems).not.toEqual([]);
  expect(JSON.stringify(problems)).not.toContain("canary-token");
});
