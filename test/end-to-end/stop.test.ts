import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { CheckpointEntity } from "../../function-code/state/entities.ts";
import { parseIso } from "../../function-code/timestamps.ts";
import type { Walk } from "../../function-code/walk.ts";
import type { Session } from "../../local/commands/start/session.ts";
import { changeAppSettings } from "../fixtures/app-settings.ts";
import { localAzure } from "../fixtures/local-azure.ts";

const stops = {
  "the host restarts the app": (session: Session) => changeAppSettings(session, { RESTARTED: "yes" }),
  "the platform sends SIGTERM": ({ azure }: Session) =>
    azure.functions.kill(azure.cloud.deployed.sites()[0]?.name ?? "", "SIGTERM"),
};

test.each(Object.entries(stops))("%s in mid-window: the stream is given back, and keeps its place", async (_, stop) => {
  const now = Date.now();
  const delivered: number[] = [];
  let pages = 0;
  let session: Session | undefined;
  await using azure = await localAzure({
    sentinelone: {
      scale: 0.3,
      now: () => now,
      intercept: ({ path }) => {
        if (path.endsWith("/activities") && ++pages === 9 && session) stop(session);
        return undefined;
      },
    },
    settings: { since: "60d" },
    // Only acknowledges: what is stored is of no interest here.
    fault: async (request, host) => {
      if (!host.includes(".ingest.")) return undefined;
      const rows = JSON.parse(gunzipSync(await request.arrayBuffer()).toString()) as { Record?: string }[];
      for (const { Record: json } of rows) {
        if (json) delivered.push(parseIso((JSON.parse(json) as { createdAt: string }).createdAt) ?? 0);
      }
      return { kind: "answer", response: new Response(null, { status: 204 }) };
    },
  });
  ({ session } = azure);
  await session.request(session.targets.filter(({ streamId }) => streamId === "sentinelone-activities"));
  const checkpoint = await givenBack(session);
  const { windows } = JSON.parse(checkpoint.progress ?? "") as Walk;
  expect(checkpoint).toMatchObject({ status: "ok", caughtUp: false, uploaded: delivered.length });
  expect(delivered.length).toBeGreaterThan(3000);
  expect(windows.length).toBeGreaterThan(1);
  // The next run reads again what lies on the lower bounds, which are inclusive: one row each, or a crowd of one moment. Nothing else.
  const again = delivered.filter((time) => windows.some(({ from, to = Infinity }) => time >= from && time < to));
  expect(again.filter((time) => !windows.some(({ from }) => time === from))).toEqual([]);
});

/** The stream's checkpoint, once a run has begun and nobody holds it any more. */
async function givenBack(session: Session): Promise<CheckpointEntity> {
  for (;;) {
    const [checkpoint] = [...(await session.standings()).values()];
    if (checkpoint?.lastRunAt !== undefined && checkpoint.leaseOwner === undefined) return checkpoint;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
