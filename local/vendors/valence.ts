import { serveAlone } from "./command.ts";
import { Random } from "./random.ts";
import { serve } from "./server.ts";
import type { Simulator, SimulatorOptions } from "./simulator.ts";
import { beginningOfHistory } from "./time.ts";
import { alertsIn } from "./valence/alerts.ts";
import { auditLogsIn } from "./valence/audit-logs.ts";
import { TimedLog } from "./valence/log.ts";
import { openTenant } from "./valence/tenant.ts";

/**
 * A Valence Security tenant. Its objects have the published shape; **its HTTP side is our guess**, for nobody has published the real
 * one: paths, `Authorization: Bearer`, `from` (inclusive) and `to` (exclusive) in epoch seconds, `limit` (default 100, maximum 500),
 * `cursor`, the envelope `{ items, nextCursor }` in ascending order of time, JSON errors `{ status, message }`, and the permissions
 * `alerts.read` and `audit-logs.read`. What it shows depends on the seed, the scale and the clock alone.
 *
 * `keys(stream)` tells what is shown now: `alerts` by vuid; `audit-logs`, which have no id, by
 * `actor|timeEpoch|success|ipAddress|action|details|n`, where n counts rows alike in every field from 0.
 */
export async function startValence(options: SimulatorOptions = {}): Promise<Simulator> {
  const { seed = 1, scale = 1, now = Date.now } = options;
  const beginning = beginningOfHistory(now());
  const alerts = new TimedLog(beginning, (hour) => alertsIn(seed, scale, hour));
  const auditLogs = new TimedLog(beginning, (hour) => auditLogsIn(seed, scale, hour));
  const token = `vk_${new Random(seed, "api-key").hex(48)}`;
  const answer = openTenant({ alerts, auditLogs }, [{ token, permissions: ["*"] }, ...(options.tokens ?? [])]);
  const server = await serve(options, now, (request) => answer(request, now()));
  const streams: Readonly<Record<string, () => readonly string[]>> = {
    alerts: () => alerts.shown(now()).map(({ key }) => key),
    "audit-logs": () => numbered(auditLogs.shown(now()).map(({ key }) => key)),
  };
  return {
    url: server.url,
    token,
    keys: (stream) => {
      const keys = Object.hasOwn(streams, stream) ? streams[stream] : undefined;
      if (keys) return keys();
      throw new Error(`No stream "${stream}" here. There are: ${Object.keys(streams).join(", ")}.`);
    },
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function numbered(keys: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return keys.map((key) => {
    const ordinal = seen.get(key) ?? 0;
    seen.set(key, ordinal + 1);
    return `${key}|${ordinal}`;
  });
}

if (import.meta.main) await serveAlone("valence", startValence);
