import { writeSync } from "node:fs";
import { createIngestionPlane } from "../../../../local/azure/ingestion/ingestion-plane.ts";
import { WorkspaceStore } from "../../../../local/azure/workspace/store.ts";
import { DeployedCloud } from "../deployed-cloud.ts";
import { send } from "../plane-client.ts";

export const batchRows = 500;
export const workspaceId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/log";

/**
 * `uploading-process.ts <data folder> <batches>`: uploads batches one after the other, prints the status of each, and kills itself with
 * one more in flight. Ends early at the first batch that is refused.
 */
if (process.argv[1] === import.meta.filename) await main(process.argv[2] ?? "", Number(process.argv[3]));

async function main(dataDir: string, batches: number): Promise<void> {
  const cloud = new DeployedCloud();
  const store = await WorkspaceStore.open(dataDir);
  await store.ensureTable(workspaceId, {
    name: "Things_CL",
    columns: [
      { name: "TimeGenerated", type: "dateTime" },
      { name: "Text", type: "string" },
    ],
  });
  cloud.endpoints.push({ id: "/endpoint", host: "dce.westeurope-1.ingest.monitor.azure.com" });
  cloud.rules.push({
    id: "/rule",
    immutableId: "dcr-1",
    dataCollectionEndpointId: "/endpoint",
    streams: { "Custom-Things": [{ name: "Text", type: "string" }] },
    flows: [{ stream: "Custom-Things", transformKql: "source", table: "Things_CL", workspaceId }],
  });
  const principal = cloud.principal([{ role: "3913510d-42f4-4e42-8a64-420c390055eb", scope: "/rule" }]);
  const authorization = cloud.bearer(principal, "https://monitor.azure.com");
  const plane = createIngestionPlane(cloud, cloud.authority, store);
  const upload = (batch: number) => {
    const rows = Array.from({ length: batchRows }, (_, n) => ({
      Text: `${batch}-${n}-${Math.random()}`.padEnd(1000, String(Math.random())),
    }));
    const url =
      "https://dce.westeurope-1.ingest.monitor.azure.com/dataCollectionRules/dcr-1/streams/Custom-Things?api-version=2023-01-01";
    return send(plane, new Request(url, { method: "POST", headers: { authorization }, body: JSON.stringify(rows) }));
  };
  for (let batch = 0; batch < batches; batch++) {
    const { status } = await upload(batch);
    writeSync(1, `${status}\n`);
    if (status !== 204) process.exit(0);
  }
  void upload(batches);
  setImmediate(() => process.kill(process.pid, "SIGKILL"));
}
