import { expect, test } from "vitest";
import { emptyCheckpoint } from "../../../function-code/state/checkpoints.ts";
import type { CheckpointEntity } from "../../../function-code/state/entities.ts";
import { runPass } from "../../../local/commands/start/pass.ts";
import type { Session, Target } from "../../../local/commands/start/session.ts";

const target: Target = {
  connection: "emea",
  vendor: "sentinelone",
  stream: "threats",
  streamId: "sentinelone-threats",
  table: "SentinelOneThreats_CL",
};

/** A session whose app answers each request with the rows that are still to come, and never catches up. */
function sessionThatBrings(rows: readonly number[], onRequest = () => {}) {
  let fetched = 0;
  let requests = 0;
  const session = {
    targets: [target],
    outputs: { bundle: { bytes: 1, sha256: "00" } },
    evaluation: Promise.resolve({ resources: 1 }),
    azure: { functions: { whenIdle: () => Promise.resolve() } },
    request() {
      // Beyond this it would go on for ever.
      if (requests >= 20) throw new Error("It asks again and again.");
      fetched += rows[requests++] ?? 0;
      onRequest();
      return Promise.resolve();
    },
    standings() {
      const checkpoint = { ...emptyCheckpoint("emea", target.streamId), fetched };
      return Promise.resolve(new Map<Target, CheckpointEntity>([[target, checkpoint]]));
    },
    query: () => Promise.resolve({ columns: [], rows: [[0]] }),
  };
  return { session: session as unknown as Session, requests: () => requests };
}

test("a pass gives up after three rounds without a row, whatever came before them", async () => {
  const { session, requests } = sessionThatBrings([5, 0, 0, 7]);
  const { streams } = await runPass(session);
  expect([streams[0]?.fetched, requests()]).toEqual([12, 7]);
});

test("a pass that is interrupted asks for nothing more", async () => {
  const interrupt = new AbortController();
  const { session, requests } = sessionThatBrings([5, 5, 5], () => interrupt.abort(new Error("Ctrl-C")));
  await expect(runPass(session, { signal: interrupt.signal })).rejects.toThrow("Ctrl-C");
  expect(requests()).toBe(1);
});
