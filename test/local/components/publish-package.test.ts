import { expect, test } from "vitest";
import { codeChanges, type PublishedCode, publishCode, readCode } from "../../../components/publish-code.ts";
import { appId, functions, json, messageOf, refuse, stage } from "./publishing-stage.ts";

const packageUrl = "https://stmock.blob.core.usgovcloudapi.net/deployment-package/abc123.zip";
const code: PublishedCode = {
  appId,
  cloud: "usgovernment",
  packageUrl,
  packageContainerId: "/c",
  sha256: "abc123",
};
const put = "PUT /deployment-package/abc123.zip";
const sync = `POST ${appId}/syncfunctiontriggers`;
const list = `GET ${appId}/functions`;
const listed = functions("schedule", "collect");

test("an app that runs from a blob gets its package there, and is told to look; a role of minutes ago is waited for", async () => {
  await using host = await stage({
    [put]: [refuse(403), json({}, 201)],
    [sync]: [refuse(404), json({})],
    [list]: [functions()],
  });
  const { id, outs } = await publishCode(code, host.publisher);
  expect({ id, outs }).toEqual({ id: appId, outs: code });
  expect(host.asked).toEqual([put, put, sync, list, sync, list]);
  expect(host.bodies[0]).toBe("zip bytes");
});

// azure-pipelines-tasks issue 16942, vscode-azuretools pull 1946
test("an app that lists its functions is well, whatever its host answers to being asked for them", async () => {
  await using host = await stage({
    [put]: [json({}, 201)],
    [sync]: [refuse(400), refuse(400)],
    [list]: [functions(), listed],
  });
  expect(await publishCode(code, host.publisher)).toMatchObject({ id: appId });
});

test("an app that never starts is given up with what its host answers", async () => {
  await using host = await stage({
    [put]: [json({}, 201)],
    [sync]: Array.from({ length: 100 }, () => refuse(400)),
    [list]: Array.from({ length: 100 }, () => functions()),
  });
  expect(await messageOf(publishCode(code, host.publisher))).toMatch(
    /15 minutes: POST .*syncfunctiontriggers answers 400/,
  );
  expect(host.waited()).toBeGreaterThan(14 * 60_000);
});

test("an app is published to again where its package is gone", async () => {
  await using host = await stage({ "GET /deployment-package/abc123.zip": [json({}), refuse(404)] });
  expect((await readCode(appId, code, host.publisher)).props).toEqual(code);
  expect((await readCode(appId, code, host.publisher)).props).toMatchObject({ sha256: "unknown" });
  expect(codeChanges({ ...code, sha256: "unknown" }, code)).toMatchObject({ changes: true, replaces: [] });
});
