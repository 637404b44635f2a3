import { beforeAll, expect, test } from "vitest";
import { awaitAnswers } from "../../../components/ask-workspace.ts";
import { CertificateAuthority } from "../../../local/azure/network/ca.ts";
import { startFront } from "../../../local/azure/network/front.ts";
import { frontAgent } from "../../../local/azure/network/front-agent.ts";

const questions = ["Doors_CL | project Id | take 0", "Doors | take 0"];
const inputs = { cloud: "public" as const, workspaceId: "5f0c3b7e-e2a1-5b6c-9d13-a4c8f2b6e071", questions };

let ca: CertificateAuthority;
beforeAll(async () => {
  ca = await CertificateAuthority.open();
});

/** A query API that answers a question with these statuses in turn, the last of them for good; and a clock that jumps instead of waiting. */
async function stage(statuses: Readonly<Record<string, readonly number[]>>) {
  const asked: string[] = [];
  const front = await startFront({
    ca,
    fault: async (request) => {
      expect(new URL(request.url).pathname).toBe(`/v1/workspaces/${inputs.workspaceId}/query`);
      const { query } = (await request.json()) as { query: string };
      const script = statuses[query] ?? [200];
      const status = script[Math.min(asked.filter((text) => text === query).length, script.length - 1)] ?? 200;
      asked.push(query);
      return { kind: "answer", response: Response.json({}, { status }) };
    },
  });
  const agent = frontAgent(front);
  let time = 0;
  const caller = {
    credential: { getToken: () => Promise.resolve({ token: "t", expiresOnTimestamp: Infinity }) },
    agent,
    now: () => time,
    sleep: (milliseconds: number) => {
      time += milliseconds;
      return Promise.resolve();
    },
  };
  return {
    caller,
    asked,
    waited: () => time,
    async [Symbol.asyncDispose]() {
      agent.destroy();
      await front.close();
    },
  };
}

test("goes on at once where the workspace knows everything", async () => {
  await using api = await stage({});
  expect(await awaitAnswers(inputs, api.caller)).toEqual({ id: inputs.workspaceId, outs: inputs });
  expect(api.waited()).toBe(0);
});

test("asks again, and only what was not known yet", async () => {
  await using api = await stage({ [questions[0] ?? ""]: [400, 400, 503, 200] });
  await awaitAnswers(inputs, api.caller);
  expect(api.asked.filter((question) => question === questions[0])).toHaveLength(4);
  expect(api.asked.filter((question) => question === questions[1])).toHaveLength(1);
  expect(api.waited()).toBeGreaterThan(0);
});

test("gives up after ten minutes, and says what is missing", async () => {
  await using api = await stage({ [questions[1] ?? ""]: [400] });
  await expect(awaitAnswers(inputs, api.caller)).rejects.toThrow(/10 minutes .* what this names: Doors \| take 0/);
  expect(api.waited()).toBeLessThanOrEqual(10 * 60_000);
});

test("whoever may not ask goes on: Sentinel looks for itself", async () => {
  await using api = await stage({ [questions[0] ?? ""]: [403] });
  await expect(awaitAnswers(inputs, api.caller)).resolves.toBeDefined();
  expect(api.waited()).toBe(0);
});
