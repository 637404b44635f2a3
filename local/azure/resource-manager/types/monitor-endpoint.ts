import { randomBytes } from "node:crypto";
import { defineType, echo, madeOnce, outputsBefore } from "../define-type.ts";
import { idInGroup, nameOf } from "../resource-id.ts";
import { locationRules, mustMatch, normalLocation } from "../rules.ts";

type EndpointInputs = { resourceGroupName: string; dataCollectionEndpointName: string; location: string };

export const dataCollectionEndpoint = defineType<EndpointInputs>({
  type: "azure-native:monitor:DataCollectionEndpoint",
  replaceOn: ["resourceGroupName", "dataCollectionEndpointName", "location"],
  autoname: { property: "dataCollectionEndpointName", as: "random" },
  id: ({ resourceGroupName, dataCollectionEndpointName }, cloud) =>
    idInGroup(cloud, resourceGroupName, `Microsoft.Insights/dataCollectionEndpoints/${dataCollectionEndpointName}`),
  check: ({ dataCollectionEndpointName, location }) => [
    // Naming rules and restrictions for Azure resources, Microsoft.Insights: the name is part of a host name
    ...mustMatch(
      "dataCollectionEndpointName",
      dataCollectionEndpointName,
      /^[a-z][a-z0-9-]{1,42}[a-z0-9]$/i,
      "3 to 44 letters, digits and hyphens, beginning with a letter, not ending with a hyphen",
    ),
    ...locationRules(location),
  ],
  put(id, inputs, cloud) {
    const before = outputsBefore(id, cloud);
    const location = normalLocation(inputs.location);
    const immutableId = madeOnce(before, "immutableId", () => `dce-${randomBytes(16).toString("hex")}`);
    const host = `${nameOf(id).toLowerCase()}-${immutableId.slice(4, 8)}.${location}-1`;
    const { monitor } = cloud.environment;
    return Promise.resolve({
      networkAcls: { publicNetworkAccess: "Enabled" },
      ...echo(id, inputs, ["resourceGroupName", "dataCollectionEndpointName"]),
      location,
      immutableId,
      configurationAccess: { endpoint: `https://${host}.handler.control.${monitor}` },
      logsIngestion: { endpoint: `https://${host}.ingest.${monitor}` },
      metricsIngestion: { endpoint: `https://${host}.metrics.ingest.${monitor}` },
      provisioningState: "Succeeded",
    });
  },
});
