import { expect, test } from "vitest";
import { cloudFacts, clouds } from "../../../components/cloud.ts";
import { azureEnvironments } from "../../../local/azure/environments.ts";

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
