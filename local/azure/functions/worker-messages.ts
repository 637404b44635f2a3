/** What host and worker tell each other; `worker-shim.cjs` is the other side. The `Rpc…` shapes are those of the real worker's protocol. */
export type HostMessage = InvokeMessage | { readonly kind: "terminate" };

export interface InvokeMessage {
  readonly kind: "invoke";
  readonly invocationId: string;
  readonly functionName: string;
  readonly inputData: readonly { readonly name: string; readonly data: RpcData }[];
  readonly triggerMetadata: Readonly<Record<string, RpcData>>;
}

export type WorkerMessage =
  | { readonly kind: "ready"; readonly functions: readonly FunctionMetadata[] }
  | { readonly kind: "failed"; readonly error: string }
  | ({ readonly kind: "result"; readonly invocationId: string } & InvocationResult)
  | { readonly kind: "failure"; readonly invocationId: string; readonly error: string }
  | {
      readonly kind: "log";
      readonly level: LogLevel;
      readonly message: string;
      readonly category?: string;
      readonly functionName?: string;
      readonly invocationId?: string;
    };

export interface InvocationResult {
  readonly outputs: readonly { readonly name: string; readonly data: RpcData }[];
  readonly returnValue?: RpcData | null;
}

/** One value on the wire: exactly one property is set. */
export interface RpcData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly int?: number;
  readonly double?: number;
}

export type LogLevel = "trace" | "debug" | "information" | "warning" | "error" | "critical" | "none";

/** A function as it registered itself. */
export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, BindingMetadata>>;
  readonly retryOptions?: unknown;
}

export interface BindingMetadata {
  readonly type: string;
  readonly direction: "in" | "out";
  readonly [property: string]: unknown;
}
