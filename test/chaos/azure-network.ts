import type { Agent } from "node:https";
import type { Uploader } from "../../function-code/upload.ts";
import type { Outside } from "../../function-code/worker.ts";
import type { FaultAction } from "../../local/azure/network/front.ts";
import type { AzureFault, AzureService, Faults } from "./mischief.ts";
import type { Actor, Timeline } from "./timeline.ts";

/** Where the local Azure's front door learns what is to happen to the request that comes next. One call is under way at a time. */
export class Door {
  #action: FaultAction | undefined;

  set(action: FaultAction | undefined): void {
    this.#action = action;
  }

  take(): FaultAction | undefined {
    const action = this.#action;
    this.#action = undefined;
    return action;
  }
}

export interface AzureNetworkOptions {
  readonly timeline: Timeline;
  readonly actor: Actor;
  readonly mischief: Faults;
  readonly door: Door;
  readonly agent: Agent;
  /** Asked where a call comes from; what it returns is called when Azure does what was asked, and the caller will not learn so. */
  readonly watch: () => () => void;
}

/** Has the Azure SDKs' requests take place on simulated time, and go wrong at the front door. */
export function azureNetwork(options: AzureNetworkOptions): Outside["clientOptions"] {
  const { timeline, actor, mischief, door, agent, watch } = options;
  return {
    additionalPolicies: [
      {
        // Innermost: what follows is the socket.
        position: "perRetry",
        policy: {
          name: "chaos",
          sendRequest: (request, next) => {
            request.agent = agent;
            const isLost = watch();
            const { host, pathname } = new URL(request.url);
            const service = serviceOf(host);
            // Without keys, which hold the name of the run, and without the rule's id, which each deployment draws.
            const path = pathname.replaceAll(/'[^']*'|dcr-[0-9a-f]+/g, "''");
            return actor.call(`${request.method} ${service} ${path}`, async () => {
              const fault = mischief.azure(service, timeline.now);
              if (fault !== undefined) {
                mischief.count(`${service}: ${fault}`);
                if (fault === "204 lost" || fault === "answer lost") isLost();
                door.set(actionOf(fault, timeline.now));
              }
              return await next(request);
            });
          },
        },
      },
    ],
  };
}

/** Batches are compressed on another thread, which no event waits for. */
export function preparing(timeline: Timeline, inner: Uploader): Uploader {
  return {
    upload: async (stream, rows, options) => {
      const isPrepared = timeline.prepare();
      const beforeEach = async () => {
        isPrepared();
        await options.beforeEach?.();
      };
      try {
        await inner.upload(stream, rows, { ...options, beforeEach });
      } finally {
        isPrepared();
      }
    },
  };
}

function serviceOf(host: string): AzureService {
  if (host.includes(".ingest.")) return "ingestion";
  return host.includes(".table.") ? "table" : "vault";
}

function actionOf(fault: AzureFault, now: number): FaultAction {
  const answer = (status: number, code: string, headers: Record<string, string> = {}): FaultAction => ({
    kind: "answer",
    response: Response.json({ error: { code, message: "chaos" } }, { status, headers }),
  });
  switch (fault) {
    case "204 lost":
    case "answer lost":
      return { kind: "drop-answer" };
    case "reset":
      return { kind: "reset" };
    case "413":
      return answer(413, "ContentLengthLimitExceeded");
    case "429":
      return answer(429, "TooManyRequests");
    case "429 with seconds":
      return answer(429, "TooManyRequests", { "Retry-After": "15" });
    case "500":
      return answer(500, "InternalServerError");
    case "503":
      return answer(503, "ServerBusy", { "Retry-After": new Date(now + 9000).toUTCString() });
    case "role not there yet":
      return answer(403, "Forbidden");
    case "rule not there yet":
      return answer(404, "NotFound");
  }
}
