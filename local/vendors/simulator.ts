/** How every vendor simulator is started and stopped, alone or inside `npm start` and the tests. */
export interface SimulatorOptions {
  /** Same seed, same data. @default 1 */
  readonly seed?: number;
  /** 0 picks a free port. @default 0 */
  readonly port?: number;
  /** The simulator's clock, epoch milliseconds; data is a function of seed and time. @default Date.now */
  readonly now?: () => number;
  /** Size of the data: 1 is a fleet with thousands of rows per feed, smaller for tests. @default 1 */
  readonly scale?: number;
  /** Tokens that are accepted besides the default one, with what they may read. */
  readonly tokens?: readonly SimulatorToken[];
  /** Called before a request is answered; an answer returned here is sent instead of the real one. */
  readonly intercept?: (
    request: SimulatorRequest,
  ) => SimulatorAnswer | undefined | Promise<SimulatorAnswer | undefined>;
}

export interface SimulatorToken {
  readonly token: string;
  /** Permissions by the vendor's own names, e.g. `Threats.view`; `*` for all. */
  readonly permissions: readonly string[];
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
}

export interface SimulatorRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Counted from 1, over the life of the simulator. */
  readonly count: number;
}

export interface SimulatorAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Send this many bytes of the body, then cut the connection. */
  readonly cutAfter?: number;
}

export interface Simulator extends AsyncDisposable {
  /** Origin, e.g. `http://127.0.0.1:41234`. */
  readonly url: string;
  /** The default token, which may read everything. */
  readonly token: string;
  /** Keys of everything that a stream shows at this moment, by the stream's own key fields joined with `|`: the truth that tests compare tables with. */
  keys(stream: string): readonly string[];
  close(): Promise<void>;
}
