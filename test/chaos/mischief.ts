import { Random } from "../../local/vendors/random.ts";

/** What can go wrong at a vendor, and how often among all that goes wrong. */
const vendorKinds = {
  "429": 2,
  "429 with seconds": 3,
  "429 with a date": 2,
  "429 with HTML": 2,
  "429 that asks for an hour": 0.3,
  "500": 2,
  "502 with HTML": 2,
  "503 with seconds": 2,
  "time-out": 1,
  reset: 2,
  "reset in the body": 3,
  "truncated JSON": 3,
  "HTML as JSON": 2,
  "text as gzip": 1,
  "empty 200": 2,
  "expired cursor": 4,
  "cursor loop": 3,
  "cursor with an address": 2,
  "page twice": 3,
  "rows twice": 3,
  redirect: 0.5,
  "401 for a moment": 1,
  "403 for a moment": 0.5,
  "404 for a moment": 0.5,
} as const;

const azureKinds = {
  ingestion: {
    "413": 1,
    "429": 2,
    "429 with seconds": 3,
    "500": 2,
    "503": 3,
    "role not there yet": 1,
    "rule not there yet": 1,
    reset: 3,
    "204 lost": 4,
  },
  table: { "429": 1, "500": 2, "503": 3, "role not there yet": 0.5, reset: 3, "answer lost": 4 },
  vault: { "429 with seconds": 2, "503": 2, "role not there yet": 1, reset: 2 },
} as const;

export type VendorFault = keyof typeof vendorKinds;
export type AzureService = keyof typeof azureKinds;
export type AzureFault = { [Service in AzureService]: keyof (typeof azureKinds)[Service] }[AzureService];

/** Decides call by call what goes wrong. */
export interface Faults {
  vendor(now: number): VendorFault | undefined;
  azure(service: AzureService, now: number): AzureFault | undefined;
  /** It did. */
  count(kind: string): void;
}

/** Decides from a seed what goes wrong, and counts it. */
export class Mischief implements Faults {
  readonly counts = new Map<string, number>();
  readonly #random: Random;
  readonly #probability: number;
  #isOver = false;
  /** Which side fails altogether, and until when. */
  #outage: { readonly side: "vendor" | AzureService; readonly until: number } | undefined;

  constructor(seed: number, harsh: boolean) {
    this.#random = new Random(seed, "mischief");
    this.#probability = harsh ? 0.3 : this.#random.pick([0.02, 0.05, 0.1, 0.2, 0.3]);
  }

  /** Everything works from now on. */
  end(): void {
    this.#isOver = true;
  }

  count(kind: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  outage(until: number): void {
    const side = this.#random.pick(["vendor", "ingestion", "table", "vault"] as const);
    this.#outage = { side, until };
    this.count(`outage: ${side}`);
  }

  vendor(now: number): VendorFault | undefined {
    return this.#choose("vendor", vendorKinds, ["503 with seconds", "reset"], now);
  }

  azure(service: AzureService, now: number): AzureFault | undefined {
    return this.#choose<AzureFault>(service, azureKinds[service], ["503", "reset"], now);
  }

  #choose<Kind extends string>(
    side: "vendor" | AzureService,
    kinds: Readonly<Partial<Record<Kind, number>>>,
    whenDown: readonly Kind[],
    now: number,
  ): Kind | undefined {
    if (this.#isOver) return undefined;
    const isDown = this.#outage?.side === side && now < this.#outage.until;
    if (isDown) return this.#random.pick(whenDown);
    if (!this.#random.chance(this.#probability)) return undefined;
    const entries = Object.entries(kinds) as [Kind, number][];
    let at = this.#random.unit() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    return entries.find(([, weight]) => (at -= weight) < 0)?.[0];
  }
}
