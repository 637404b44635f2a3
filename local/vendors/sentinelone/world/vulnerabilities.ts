import { Random } from "../../random.ts";
import { DAY, HOUR, WEEK } from "../../time.ts";
import type { ConsoleUser, Fleet } from "./fleet.ts";
import type { Step } from "./history.ts";
import { objectId, spread } from "./identifiers.ts";
import type { Product } from "./products.ts";
import type { Installation, Software } from "./software.ts";

/** A flaw of one release of a product. */
export interface Vulnerability {
  readonly cveId: string;
  /** Epoch milliseconds. */
  readonly publishedAt: number;
  readonly baseScore: number;
  readonly severity: "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";
  /** When somebody publishes how to exploit it, epoch milliseconds: all its risks change at that instant. */
  readonly exploitedAt: number;
}

/** A vulnerability on an endpoint. */
export interface Risk {
  readonly id: string;
  readonly installation: Installation;
  readonly vulnerability: Vulnerability;
  readonly steps: readonly Step<RiskState>[];
}

export interface RiskState {
  readonly status: "Detected" | "Removed";
  readonly exploitCodeMaturity: "Unproven" | "Proof of Concept";
  readonly mitigationStatus: "Not mitigated" | "To be patched";
  /** Who set the mitigation status, and when, epoch microseconds. */
  readonly plannedBy: ConsoleUser | null;
  readonly plannedAt: number | null;
}

/** Removed risks stay in the console for those who ask for them. */
const REMOVED_ARE_KEPT = 30 * DAY;

/** Vulnerabilities of what is installed: found by the console, re-rated, worked on, and gone with the next version. */
export class Vulnerabilities {
  readonly #seed: number;
  readonly #fleet: Fleet;
  readonly #software: Software;
  readonly #risks = new Map<string, readonly Risk[]>();

  constructor(seed: number, fleet: Fleet, software: Software) {
    this.#seed = seed;
    this.#fleet = fleet;
    this.#software = software;
  }

  /** Every risk that the console still knows, those that were removed lately among them. */
  risks(now: number): Risk[] {
    return this.#software.installations(now, REMOVED_ARE_KEPT).flatMap((installation) => this.#risksOf(installation));
  }

  #risksOf(installation: Installation): readonly Risk[] {
    const known = this.#risks.get(installation.id);
    if (known) return known;
    const risks = this.#flaws(installation.product, installation.release)
      .map((vulnerability, ordinal) => this.#risk(installation, vulnerability, ordinal))
      .filter((risk) => risk !== undefined);
    this.#risks.set(installation.id, risks);
    return risks;
  }

  #flaws({ index, phase, cycle }: Product, release: number): Vulnerability[] {
    const random = new Random(this.#seed, "flaws", index, release);
    const count = random.chance(0.4) ? random.integer(1, 3) : 0;
    return Array.from({ length: count }, () => {
      const publishedAt = Math.floor((phase + release * cycle + random.unit() * 6 * WEEK) / 1000) * 1000;
      const baseScore = random.integer(31, 98) / 10;
      return {
        cveId: `CVE-${new Date(publishedAt).getUTCFullYear()}-${random.integer(60_000, 99_999)}`,
        publishedAt,
        baseScore,
        severity: severityOf(baseScore),
        exploitedAt: random.chance(0.3) ? publishedAt + random.integer(DAY, 10 * DAY) : Infinity,
      } satisfies Vulnerability;
    });
  }

  /** Undefined where the version was gone before anybody knew of the flaw. */
  #risk(installation: Installation, vulnerability: Vulnerability, ordinal: number): Risk | undefined {
    const { agent, product, goneAt } = installation;
    const random = new Random(this.#seed, "risk", installation.id, ordinal);
    const detected = Math.max(
      Math.ceil(installation.detectedAt / 1000),
      vulnerability.publishedAt + random.integer(3 * HOUR, 30 * HOUR),
    );
    if (detected >= goneAt) return undefined;

    const changes: [at: number, change: Partial<RiskState>][] = [];
    if (vulnerability.exploitedAt > detected)
      changes.push([vulnerability.exploitedAt * 1000, { exploitCodeMaturity: "Proof of Concept" }]);
    if (random.chance(0.15)) {
      const plannedAt = (detected + random.integer(HOUR, 5 * DAY)) * 1000 + 93;
      changes.push([
        plannedAt,
        { mitigationStatus: "To be patched", plannedBy: random.pick(this.#fleet.users), plannedAt },
      ]);
    }
    let state: RiskState = {
      status: "Detected",
      exploitCodeMaturity: vulnerability.exploitedAt > detected ? "Unproven" : "Proof of Concept",
      mitigationStatus: "Not mitigated",
      plannedBy: null,
      plannedAt: null,
    };
    const steps: Step<RiskState>[] = [];
    const add = (at: number, change: Partial<RiskState>) => {
      state = { ...state, ...change };
      steps.push({ at, shownAt: Math.ceil(at / 1000) + random.integer(500, 40_000), state });
    };
    add(detected * 1000 + random.integer(0, 999), {});
    for (const [at, change] of changes.sort(([a], [b]) => a - b)) if (at < goneAt * 1000) add(at, change);
    add(goneAt * 1000 + 417, { status: "Removed" });
    return {
      id: objectId(detected * 1000, spread((agent.slot.index * 512 + product.index) * 3 + ordinal)),
      installation,
      vulnerability,
      steps,
    };
  }
}

const severityOf = (score: number): Vulnerability["severity"] =>
  score >= 9 ? "CRITICAL" : score >= 7 ? "HIGH" : score >= 4 ? "MEDIUM" : "LOW";
