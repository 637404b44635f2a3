import { expect, test } from "vitest";
import type { Connection } from "../../../function-code/environment.ts";
import type { KeyVaultSecrets } from "../../../function-code/secrets.ts";
import { type FeedProbe, type ProbeResult, probe } from "../../../stacks/operator/probe.ts";
import { renderProbe } from "../../../stacks/operator/render.ts";
import { type Answer, HttpConsole, json } from "../../function-code/support/http-console.ts";
import { TestClock } from "../../function-code/support/test-clock.ts";

const token = "canary-token-5c1f";

async function probeOne(answer: Answer, connection: Partial<Connection>): Promise<readonly ProbeResult[]> {
  await using console = await HttpConsole.start(answer);
  const asked: Connection = {
    name: "emea",
    vendor: "sentinelone",
    url: console.url,
    secretId: "https://vault.example/secrets/emea",
    streams: ["threats"],
    ...connection,
  };
  const secrets = { read: () => Promise.resolve(token) } as unknown as KeyVaultSecrets;
  const retries = { clock: new TestClock(), random: () => 0.5 };
  const results: ProbeResult[] = [];
  for await (const result of probe({ connections: [asked] }, { secrets, retries })) results.push(result);
  expect(results.map(renderProbe).join("\n")).not.toContain(token);
  return results;
}

const page = { data: [], pagination: { nextCursor: null, totalItems: 0 } };
const consoleWith =
  (user: unknown): Answer =>
  (url, _, response) =>
    json(response, 200, url.pathname.endsWith("/user") ? { data: user } : page);

test.each([
  [
    "an account's",
    {
      fullName: "Collector",
      email: "c@example.org",
      scope: "account",
      scopeRoles: [
        { name: "Halvorsen", roleName: "SOC" },
        { name: "Lindqvist", roleName: "SOC" },
      ],
      apiToken: { expiresAt: "2027-01-01T00:00:00Z" },
    },
    "token of Collector <c@example.org>, scope account: Halvorsen, Lindqvist, role SOC, ends 2027-01-01T00:00:00Z",
  ],
  [
    "a site's, on an older console",
    { email: "c@example.org", scope: "site", scopeRoles: [], siteRoles: [{ name: "Oslo", roles: ["Admin"] }] },
    "token of <c@example.org>, scope site: Oslo, role Admin, ends at an unknown time",
  ],
  ["nobody's", {}, "token of an unnamed user, scope unknown, ends at an unknown time"],
])("a token tells that it is %s", async (_, user, expected) => {
  const [first] = await probeOne(consoleWith(user), {});
  expect(first && renderProbe(first)).toBe(`emea: ${expected}`);
});

test("a feed that the token may not read names the permission", async () => {
  const answer: Answer = (url, _, response) =>
    json(response, url.pathname.endsWith("/user") ? 200 : 403, url.pathname.endsWith("/user") ? { data: {} } : {});
  const [, feed] = await probeOne(answer, {});
  expect(feed).toMatchObject({ feed: { status: "not-permitted", permission: "Threats.view" } });
  expect(feed && renderProbe(feed)).toContain("lacks the permission Threats.view");
});

test("a token that the console does not take is told once, with the way out", async () => {
  const [first] = await probeOne((_, __, response) => json(response, 401, {}), {});
  expect(first).toMatchObject({
    token: { owner: null, error: expect.stringContaining("does not accept the token") as string },
  });
});

test("Valence's answer is shown by its names, so that the profile can be put right", async () => {
  const answer: Answer = (_, __, response) =>
    json(response, 200, { results: [{ vuid: "secret-value" }], page: { cursor: "secret-cursor", size: 1 }, total: 1 });
  const [key, feed] = await probeOne(answer, { name: "saas", vendor: "valence", streams: ["alerts"] });
  expect(key).toMatchObject({ token: { error: expect.stringContaining("tells nothing of its keys") as string } });
  const { exchange, status, error } = (feed as { feed: FeedProbe }).feed;
  expect({ status, error }).toMatchObject({ status: "failing", error: expect.stringContaining("/items") as string });
  expect(exchange).toEqual({
    request: "GET /api/v1/alerts with from, limit",
    status: 200,
    answer: "results: list of 1; page: { cursor, size }; total: number",
  });
  expect(feed && renderProbe(feed)).not.toMatch(/secret-(value|cursor)/);
});
