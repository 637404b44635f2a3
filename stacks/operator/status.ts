import type { CheckpointEntity, StreamStatus, WindowEntity } from "../../function-code/state/entities.ts";
import type { OperatorAccess } from "./azure.ts";
import type { Deployment } from "./deployment.ts";
import { type WindowStanding, windowStanding } from "./window-standing.ts";

/** Where one stream of one connection stands. */
export interface StreamStanding {
  readonly connection: string;
  /** `<vendor>/<stream>`. */
  readonly stream: string;
  /** `never-ran` where no run was ever reported. */
  readonly status: StreamStatus | "never-ran";
  /** Everything up to here was acknowledged by Azure. */
  readonly watermark: string | null;
  /** How far the watermark is behind, in seconds. */
  readonly lagSeconds: number | null;
  readonly lastRunAt: string | null;
  readonly caughtUp: boolean;
  readonly uploaded: number;
  readonly tokenExpiresAt: string | null;
  readonly lastError: string | null;
  /** Stretches of its past that operators asked for and that are not read to their ends. */
  readonly windows: readonly WindowStanding[];
}

/** Every stream that the stack collects, whether it ever ran or not. */
export async function readStandings(
  { connections }: Deployment,
  { checkpoints, windows, retries }: OperatorAccess,
): Promise<readonly StreamStanding[]> {
  const found = new Map<string, CheckpointEntity>();
  for await (const { entity } of checkpoints.all()) found.set(`${entity.partitionKey}|${entity.rowKey}`, entity);
  const now = retries.clock.now();
  const open: WindowEntity[] = [];
  for await (const { entity } of windows.all()) if (entity.doneAt === undefined) open.push(entity);
  return connections.flatMap(({ name, vendor, streams }) =>
    streams.map((stream) => {
      const key = `${name}|${vendor}-${stream}`;
      const asked = open.filter(({ partitionKey }) => partitionKey === key);
      return {
        ...standing(name, `${vendor}/${stream}`, found.get(key), now),
        windows: asked.map((window) => windowStanding(window, now)),
      };
    }),
  );
}

function standing(
  connection: string,
  stream: string,
  entity: CheckpointEntity | undefined,
  now: number,
): Omit<StreamStanding, "windows"> {
  const watermark = entity?.watermark;
  return {
    connection,
    stream,
    status: entity?.status ?? "never-ran",
    watermark: watermark ?? null,
    lagSeconds: watermark === undefined ? null : Math.max(0, Math.round((now - Date.parse(watermark)) / 1000)),
    lastRunAt: entity?.lastRunAt ?? null,
    caughtUp: entity?.caughtUp ?? false,
    uploaded: entity?.uploaded ?? 0,
    tokenExpiresAt: entity?.tokenExpiresAt ?? null,
    lastError: entity?.lastError ?? null,
  };
}

/** Whether nothing needs anybody's attention. */
export const isWell = ({ status }: StreamStanding): boolean => status === "ok" || status === "empty";
