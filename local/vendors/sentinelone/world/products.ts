import { Random } from "../../random.ts";
import { DAY, WEEK } from "../../time.ts";
import type { Platform } from "./vocabulary.ts";

/** An application that endpoints have installed. */
export interface Product {
  readonly index: number;
  readonly vendor: string;
  readonly name: string;
  readonly osTypes: readonly Platform["osType"][];
  /** Part of the endpoints with these systems that have it. */
  readonly share: number;
  /** A new version comes out this often, in milliseconds. */
  readonly cycle: number;
  /** Epoch milliseconds of a release, modulo `cycle`. */
  readonly phase: number;
  /** First number of its versions. */
  readonly major: number;
}

const DESKTOP = ["windows", "macos"] as const;
const EVERYWHERE = ["windows", "macos", "linux"] as const;

/** `[vendor, name, systems, share, weeks between versions]`; names with everything that must survive in a query. */
const WELL_KNOWN: readonly (readonly [string, string, readonly Platform["osType"][], number, number])[] = [
  ["Lanternfish Software, Inc.", "Lanternfish Browser", DESKTOP, 0.92, 4],
  ["Lanternfish Software, Inc.", "Lanternfish WebView Runtime", ["windows"], 0.9, 4],
  ["Ostrava Archive Project", "Zippa", ["windows"], 0.8, 26],
  ["Corvid Systems", "Corvid Graphics Driver", ["windows", "linux"], 0.7, 9],
  ["Pagework AS", "Pagework Reader", DESKTOP, 0.85, 6],
  ["Pagework AS", "Pagework Editor (64-bit)", ["windows"], 0.2, 6],
  ["The Quill Foundation", "Quill++", ["windows"], 0.35, 11],
  ["Møller & Sønner", "Møller Regnskab", ["windows"], 0.15, 13],
  ["Kettle Labs", "Kettle Desktop", DESKTOP, 0.12, 5],
  ["Team Heron", "Heron Meetings", DESKTOP, 0.9, 3],
  ["Team Heron", "Heron Chat", DESKTOP, 0.88, 3],
  ["OpenHollow Maintainers &lt;team@openhollow.example&gt;", "libhollow3", ["linux"], 0.98, 7],
  ["OpenHollow Maintainers &lt;team@openhollow.example&gt;", "hollow-client", ["linux"], 0.98, 7],
  ["Sable Runtime Authors", "Sable Runtime 21", EVERYWHERE, 0.4, 13],
  ["Sable Runtime Authors", "Sable Runtime 8", ["windows"], 0.1, 13],
  ["Northrack, Inc.", "Northrack Storage Manager, Server Edition", ["windows", "linux"], 0.6, 17],
];

/** What only a few machines have; the long tail that makes inventories long. */
const TAIL_VENDORS = ["Halvorsen Logistics IT", "Tide & Timber", "Grünspecht GmbH", "Polder Systemen B.V."] as const;
const TAIL_PURPOSES = ["Label Printer", "Dock Scheduler", "Scanner Bridge", "Till Sync", "Fleet Viewer"] as const;

export const inventProducts = (seed: number, scale: number): readonly Product[] => {
  const phase = (index: number) => Math.floor(new Random(seed, "product", index).unit() * 20 * WEEK);
  const known = WELL_KNOWN.map(([vendor, name, osTypes, share, weeks], index) => ({
    index,
    vendor,
    name,
    osTypes,
    share,
    cycle: weeks * WEEK,
    phase: phase(index),
    major: 3 + ((index * 7) % 90),
  }));
  const tail = Array.from({ length: Math.round(200 * scale) }, (_, ordinal) => {
    const index = WELL_KNOWN.length + ordinal;
    const purpose = TAIL_PURPOSES[ordinal % TAIL_PURPOSES.length] as string;
    return {
      index,
      vendor: TAIL_VENDORS[ordinal % TAIL_VENDORS.length] as string,
      name: `${purpose} ${String(ordinal).padStart(3, "0")}`,
      osTypes: EVERYWHERE,
      share: 0.01,
      cycle: 60 * DAY,
      phase: phase(index),
      major: 1,
    };
  });
  return [...known, ...tail];
};
