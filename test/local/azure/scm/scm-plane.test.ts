import { mkdir, readdir } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { strToU8, zipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Principal } from "../../../../local/azure/cloud.ts";
import { builtInRoles } from "../../../../local/azure/resource-manager/roles.ts";
import { extensionBundle, FunctionApps } from "../functions/function-apps.ts";

let apps: FunctionApps;
beforeEach(async () => {
  apps = await FunctionApps.start();
});
afterEach(() => apps[Symbol.asyncDispose]());

const host = "func-test.scm.azurewebsites.net";
const management = "https://management.azure.com";

interface Call {
  readonly method?: string;
  readonly body?: Uint8Array;
  readonly principal?: Principal;
  readonly audience?: string;
}

function call(
  url: string,
  { method = "GET", body, principal = apps.cloud.operator, audience = management }: Call = {},
) {
  const headers = { authorization: apps.cloud.bearer(principal, audience) };
  return new Promise<{ status: number; json: unknown; location: string }>((resolve, reject) => {
    const outgoing = httpsRequest(url, { method, headers, agent: apps.agent }, (answer) => {
      text(answer).then(
        (body) =>
          resolve({
            status: answer.statusCode ?? 0,
            json: JSON.parse(body),
            location: answer.headers.location ?? "",
          }),
        reject,
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** A package whose timer logs this. */
const packageThatSays = (words: string) =>
  zipSync({
    "host.json": strToU8(JSON.stringify({ version: "2.0", extensionBundle })),
    "package.json": strToU8(JSON.stringify({ main: "main.js", version: words })),
    "main.js": strToU8(`
      const { app } = require("@azure/functions");
      app.timer("speak", { schedule: "0 0 0 1 1 *", handler: (_, context) => context.log("${words}") });`),
  });

const post = (body: Uint8Array, rest: Call = {}) =>
  call(`https://${host}/api/publish?type=zip&Deployer=test`, { method: "POST", body, ...rest });

/** Publishes and follows the deployment to its end. */
async function publish(zip: Uint8Array) {
  const accepted = await post(zip);
  expect(accepted.status).toBe(202);
  expect(accepted.location).toBe(`https://${host}/api/deployments/${accepted.json as string}`);
  return (await call(accepted.location)).json as Record<string, unknown>;
}

async function whatItSays(): Promise<readonly string[]> {
  const before = apps.logs.length;
  await apps.host.runTimer("func-test", "speak");
  return apps.logs.slice(before).flatMap((entry) => (entry.function === "speak" ? [entry.message] : []));
}

test("a published package runs, its functions are listed, and the next one takes its place", async () => {
  const versions: (string | undefined)[] = [];
  apps.host.onRun(() => versions.push(apps.host.packageVersion("func-test")));
  expect(await publish(packageThatSays("one"))).toMatchObject({
    status: 4,
    complete: true,
    active: true,
    deployer: "test",
    site_name: "func-test",
  });
  expect(await whatItSays()).toEqual(["one"]);
  expect((await call(`https://${host}/api/functions`)).json).toMatchObject([{ name: "speak" }]);
  const listed = await call(`${management}${apps.site.id}/functions?api-version=2025-05-01`);
  expect(listed.json).toMatchObject({ value: [{ name: "func-test/speak", properties: { name: "speak" } }] });

  await publish(packageThatSays("two"));
  expect(await whatItSays()).toEqual(["two"]);
  expect(versions).toEqual(["one", "two"]);
  expect((await call(`https://${host}/api/deployments`)).json).toMatchObject([{ active: true }, { active: false }]);
});

test("the package ends in the app's own container, and an app that may not write there cannot be published to", async () => {
  apps.cloud.revoke(apps.principal, builtInRoles.storageBlobDataOwner);
  const deployment = await publish(packageThatSays("one"));
  expect(deployment).toMatchObject({ status: 3, active: false });
  expect(deployment["status_text"]).toContain("InaccessibleStorageException");
  await expect(whatItSays()).rejects.toThrow("No function app");
});

test("a package that cannot run fails with the reason, and what ran before goes on", async () => {
  await publish(packageThatSays("one"));
  const failed = await publish(zipSync({ "main.js": strToU8("") }));
  expect(failed).toMatchObject({ status: 3, complete: true, active: false });
  expect(failed["status_text"]).toContain("no host.json");
  expect((await publish(strToU8("no zip")))["status_text"]).toContain("no zip file");
  expect(await whatItSays()).toEqual(["one"]);
  expect((await call(`https://${host}/api/deployments/latest`)).json).toMatchObject({ status: 3 });
  const kept = await readdir(join(apps.folder, "sites", "func-test"), { withFileTypes: true });
  expect(kept.filter((entry) => entry.isDirectory()).length).toBe(1);
});

test("a deployment that cannot be kept says so", async () => {
  await mkdir(join(apps.folder, "sites", "func-test", "deployments.json"), { recursive: true });
  const deployment = await publish(packageThatSays("one"));
  expect(deployment).toMatchObject({ status: 3 });
  expect(deployment["status_text"]).toContain("could not be kept");
});

test("a second deployment is refused while one goes on", async () => {
  const answers = await Promise.all([post(packageThatSays("one")), post(packageThatSays("two"))]);
  expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([202, 409]));
});

test("what was published runs again after a restart; a site that was deleted starts without code", async () => {
  await publish(packageThatSays("one"));
  await apps.stopService();
  await apps.startService();
  await apps.service.restore();
  expect(await whatItSays()).toEqual(["one"]);

  apps.cloud.removeSite("func-test");
  apps.cloud.putSite(apps.site);
  await apps.stopService();
  await apps.startService();
  await apps.service.restore();
  expect(apps.host.functions("func-test")).toEqual([]);
  expect((await call(`https://${host}/api/deployments/latest`)).status).toBe(404);
});

test("what does not start again is named, and tried again when its site changes", async () => {
  await publish(packageThatSays("one"));
  await apps.stopService();
  apps.cloud.putSite({ ...apps.site, appSettings: {} });
  await apps.startService();
  await expect(apps.service.restore()).rejects.toThrow("func-test: The host has no storage");
  await expect(whatItSays()).rejects.toThrow("No function app");
  apps.cloud.putSite(apps.site);
  expect(await whatItSays()).toEqual(["one"]);
});

test.each([
  ["nobody's token", 401, { audience: "https://vault.azure.net" }],
  ["somebody without a role on the site", 403, {}],
])("%s: %i", async (_, status, options) => {
  const answer = await post(packageThatSays("one"), { ...options, principal: apps.principal });
  expect(answer.status).toBe(status);
});

test.each([
  ["another site", "https://other.scm.azurewebsites.net/api/publish?type=zip", 404],
  ["another type", `https://${host}/api/publish?type=war`, 400],
  ["a build in the cloud", `https://${host}/api/publish?type=zip&RemoteBuild=true`, 400],
  ["another address", `https://${host}/api/zipdeploy`, 404],
])("%s is refused", async (_, url, status) => {
  expect((await call(url, { method: "POST", body: packageThatSays("one") })).status).toBe(status);
});
