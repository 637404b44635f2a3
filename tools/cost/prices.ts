/** What Azure asks for one unit, in US dollars, before tax and discounts. Regions differ: look yours up, and change the line. */
interface Price {
  readonly dollars: number;
  readonly unit: string;
  /** Units a month that cost nothing. */
  readonly free: number;
  readonly source: string;
  /** When the source said so. */
  readonly date: string;
}

const functions = "Azure Functions pricing, Flex Consumption, on demand";
const tables = "Azure Table and Queue Storage, LRS, as generally known; look it up";
const logs = "Microsoft Sentinel, pay as you go, Log Analytics included, East US (third parties: 4 to 5.5)";

export const prices = {
  gigabyteSeconds: { dollars: 0.000026, unit: "GB-s", free: 100_000, source: functions, date: "2025-05" },
  executions: { dollars: 0.4 / 1_000_000, unit: "execution", free: 250_000, source: functions, date: "2025-05" },
  storageOperations: { dollars: 0.00036 / 10_000, unit: "operation", free: 0, source: tables, date: "2025" },
  storedState: { dollars: 0.045, unit: "GB-month", free: 0, source: tables, date: "2025" },
  ingestion: { dollars: 4.3, unit: "GB", free: 0, source: logs, date: "2026" },
  retention: {
    dollars: 0.1,
    unit: "GB-month beyond the 90 days that Sentinel includes",
    free: 0,
    source: "Azure Monitor, interactive retention, by third parties",
    date: "2026",
  },
} as const satisfies Record<string, Price>;

export type Item = keyof typeof prices;
