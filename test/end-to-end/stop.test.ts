import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CheckpointEntity } from "../../function-code/state/entities.ts";
import { parseIso } from "../../function-code/timestamps.ts";
import type { Walk } from "../../function-code/walk.ts";
import type { Session } from "../../local/commands/start/session.ts";
import { startSentinelOne } from "../../local/vendors/sentinelone.ts";
import { changeAppSettings } from "../fixtures/app-settings.ts";
import { localAzure, type TestAzure } from "../fixtures/local-azure.ts";
import { sentinelOneConnection } from "../fixtures/sentinelone-connection.ts";

/** By the connection that is being collected from when it happens. The app that got the signal is started again, and would go on. */
const stops = {
  restarted: (session: Session) => changeAppSettings(session, { RESTARTED: "yes" }),
  "sent-sigterm": ({ azure }: Session) => azure.functions.kill(azure.cloud.deployed.sites()[0]?.name ?? "", "SIGTERM"),
};

const now = Date.now();
/** Times of the rows that Azure acknowledged, by connection. */
const delivered = new Map<string, number[]>();
/** Told of each page of activities. */
let onPage = () => {};
const cleanUp = new AsyncDisposableStack();
let azure: TestAzure;

beforeAll(async () => {
  const console = cleanUp.use(
    await startSentinelOne({
      scale: 0.3,
      now: () => now,
      rateLimits: false,
      intercept({ path }) {
        if (path.endsWith("/activities")) onPage();
        return undefined;
      },
    }),
  );
  azure = cleanUp.use(
    await localAzure({
      connections: Object.keys(stops).map((name) => sentinelOneConnection(name, console, "activities")),
      settings: { since: "60d" },
      // Only acknowledges: what is stored is of no interest here.
      fault: async (request, host) => {
        if (!host.includes(".ingest.")) return undefined;
        const rows = JSON.parse(gunzipSync(await request.arrayBuffer()).toString()) as Partial<Row>[];
        for (const { Connection = "", Record: json } of rows) {
          if (json) timesOf(Connection).push(parseIso((JSON.parse(json) as { createdAt: string }).createdAt) ?? 0);
        }
        return { kind: "answer", response: new Response(null, { status: 204 }) };
      },
    }),
  );
});
afterAll(() => cleanUp.disposeAsync());

interface Row {
  readonly Connection: string;
  readonly Record: string;
}

function timesOf(connection: string): number[] {
  const times = delivered.get(connection) ?? [];
  delivered.set(connection, times);
  return times;
}

test.each(Object.entries(stops))(
  "an app that is %s in mid-window: the stream is given back, and keeps its place",
  async (name, stop) => {
    const { session } = azure;
    let pages = 0;
    onPage = () => {
      if (++pages === 9) stop(session);
    };
    await session.request(session.targets.filter(({ connection }) => connection === name));
    const checkpoint = await givenBack(session, name);
    const { windows } = JSON.parse(checkpoint.progress ?? "") as Walk;
    const times = timesOf(name);
    expect(checkpoint).toMatchObject({ status: "ok", caughtUp: false, uploaded: times.length });
    expect(times.length).toBeGreaterThan(3000);
    expect(windows.length).toBeGreaterThan(1);
    // The next run reads again what lies on the lower bounds, which are inclusive: one row each, or a crowd of one moment. Nothing else.
    const again = times.filter((time) => windows.some(({ from, to = Infinity }) => time >= from && time < to));
    expect(again.filter((time) => !windows.some(({ from }) => time === from))).toEqual([]);
  },
);

/** The checkpoint of a connection's stream, once a run has begun and nobody holds it any more. */
async function givenBack(session: Session, name: string): Promise<CheckpointEntity> {
  for (;;) {
    const standings = [...(await session.standings()).values()];
    const checkpoint = standings.find(({ partitionKey }) => partitionKey === name);
    if (checkpoint?.lastRunAt !== undefined && checkpoint.leaseOwner === undefined) return checkpoint;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
