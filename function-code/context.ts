import type { Clock } from "./clock.ts";
import type { CollectionSettings, Connection } from "./environment.ts";
import type { Checkpoints } from "./state/checkpoints.ts";
import type { CollectMessage } from "./state/entities.ts";
import type { Ledger } from "./state/ledger.ts";
import type { StateTable } from "./state/table.ts";
import type { Windows } from "./state/windows.ts";
import type { Feed, Stream } from "./stream.ts";
import type { Uploader } from "./upload.ts";
import type { Caller } from "./vendor-http.ts";

/** A stream, opened on the connection of a message. */
export interface OpenStream {
  readonly stream: Stream;
  readonly connection: Connection;
  /** A feed for one window. */
  readonly open: (caller: Caller) => Feed;
}

/** Everything that a run needs from outside. */
export interface CollectContext {
  readonly clock: Clock;
  readonly checkpoints: Checkpoints;
  readonly ledger: Ledger;
  readonly objects: StateTable;
  readonly windows: Windows;
  readonly uploader: Uploader;
  readonly settings: CollectionSettings;
  readonly bundleVersion: string;
  /** Undefined where no enabled stream has this name. */
  readonly find: (message: CollectMessage) => OpenStream | undefined;
  readonly log: (level: "info" | "warn" | "error", message: string) => void;
  /** Fires when the platform is about to stop the worker. */
  readonly stopping: AbortSignal;
}
