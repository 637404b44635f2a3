import { expect, test } from "vitest";
import { simulatedConnection } from "../../local/commands/start/connections.ts";
import { runPass } from "../../local/commands/start/pass.ts";
import { Session } from "../../local/commands/start/session.ts";
import { streamSwitches } from "../../local/commands/start/stream-switches.ts";
import { onlyContent } from "../fixtures/content.ts";

test("rows are delivered before the content is deployed; what is refused then fails the pass", async () => {
  const { connection, simulator } = await simulatedConnection("sentinelone", { scale: 0.01 });
  await using _ = simulator;
  const answered = Promise.withResolvers<undefined>();
  await using session = await Session.start({
    stack: "local",
    timers: "manual",
    connections: [{ ...connection, streams: streamSwitches("sentinelone", ["sentinelone-groups"]) }],
    settings: { content: onlyContent("sentinelone-role-changed") },
    // Rules wait until the workspace answers queries about their tables.
    fault: (__, host) => (host === "api.loganalytics.io" ? answered.promise : undefined),
  });
  const { state } = session.azure.cloud;
  const delivered: number[] = [];
  const pass = runPass(session, {
    onStream({ uploaded }, finished) {
      if (!finished || delivered.length > 0) return;
      delivered.push(uploaded);
      for (const { id } of state.list("azure-native:securityinsights:SentinelOnboardingState")) state.delete(id);
      answered.resolve(undefined);
    },
  });
  await expect(pass).rejects.toThrow(
    /connector-rules-sentinelone-role-changed.* is not onboarded to Microsoft Sentinel/,
  );
  expect(delivered).toEqual([simulator.keys("groups").length]);
  expect(session.forOperators.resources?.map(({ name }) => name)).toContain("connector-code");
});
