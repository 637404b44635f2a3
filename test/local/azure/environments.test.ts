import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cloudFacts, clouds } from "../../../components/cloud.ts";
import { azureEnvironments } from "../../../local/azure/environments.ts";
import { startLocalAzure } from "../../../local/azure/local-azure.ts";
import { createResourceState } from "../../../local/azure/resource-manager/state.ts";

test.each(clouds)("the program finds the local Azure of the cloud %s where it looks for it", (cloud) => {
  const { entra, resourceManager, monitor, logs, web } = azureEnvironments[cloud];
  expect(cloudFacts[cloud]).toEqual({
    resourceManager,
    authority: `https://${entra}`,
    ingestionAudience: `https://${monitor}`,
    logs: `https://${logs[0]}`,
    hosting: web.flex ? "flex" : "premium",
  });
});

test("a folder stays of its cloud: what it holds was deployed under that one's names", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "cloud-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  createResourceState(dataDir, "usgovernment");
  expect(createResourceState(dataDir).directory.environment).toBe("usgovernment");
  await expect(startLocalAzure({ dataDir, environment: "public" })).rejects.toThrow(
    `The folder ${dataDir} holds a local Azure of the cloud usgovernment, not public`,
  );
});
