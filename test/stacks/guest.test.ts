import { expect, test } from "vitest";
import { tableColumnType } from "../../components/column-types.ts";
import { ownershipId, ownershipQuery } from "../../components/ownership.ts";
import type { ResourceManager } from "../../components/resource-manager.ts";
import { readCatalog } from "../../kql/catalog.ts";
import { deployMock, stackFileConfig } from "./mock-deployment.ts";

const workspaceId =
  "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/soc/providers/Microsoft.OperationalInsights/workspaces/soc";

/** A workspace that another stack has filled. */
const azure: ResourceManager = {
  get(id) {
    const stream = readCatalog().find(({ table }) => id.endsWith(`/tables/${table}`));
    const columns = stream?.columns.map(({ name, type }) => ({ name, type: tableColumnType(type) }));
    return Promise.resolve({ id, name: "", properties: { schema: { columns } } });
  },
  list: () =>
    Promise.resolve([
      {
        id: `${workspaceId}/savedSearches/${ownershipId}`,
        name: ownershipId,
        properties: { query: ownershipQuery({ stack: "soc/connector/first", tables: {} }) },
      },
    ]),
};

test("a second stack without content puts nothing into the workspace, and sends rows into it", async () => {
  const config = { ...stackFileConfig("dev", "canary"), workspaceId, content: { enabled: "off" } };
  const { resources } = await deployMock("dev", config, { azure });
  const inWorkspace = resources.filter(({ type }) =>
    /:(operationalinsights:(Table|SavedSearch)|securityinsights:\w+|applicationinsights:Workbook)$/.test(type),
  );
  expect(inWorkspace.map(({ name }) => name)).toEqual([]);
  const rules = resources.filter(({ type }) => type === "azure-native:monitor:DataCollectionRule");
  const flows = rules.flatMap(({ inputs }) => inputs["dataFlows"] as unknown[]);
  expect(flows).toHaveLength(readCatalog().length);
});
