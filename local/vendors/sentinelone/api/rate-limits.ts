/** Requests per second and burst of one token on one path; the first entry that fits counts. */
const LIMITS: readonly (readonly [path: string, perSecond: number, burst: number])[] = [
  ["/accounts", 100, 10],
  ["/sites", 100, 10],
  ["/activities", 10, 30],
  ["/agents", 25, 1],
  ["/threats/", 100, 1000],
  ["/threats", 10, 50],
  ["/application-management/inventory", 3, 1],
  ["/users", 40, 80],
  ["/user", 2, 5],
  ["/system/status", 2, 1],
];

/** Nothing public tells the limits of the other paths; this is what careful clients keep to. */
const UNPUBLISHED = ["", 20, 20] as const;

/** Token buckets, filled by the simulator's clock. */
export class RateLimits {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** Takes one request out of the bucket; false when it is empty. */
  take(caller: string, path: string, now: number): boolean {
    const [prefix, perSecond, burst] =
      LIMITS.find(([prefix]) => path === prefix || path.startsWith(prefix.replace(/\/?$/, "/"))) ?? UNPUBLISHED;
    const name = `${caller} ${prefix || path}`;
    const bucket = this.#buckets.get(name) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) * perSecond) / 1000);
    this.#buckets.set(name, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
    return tokens >= 1;
  }
}
