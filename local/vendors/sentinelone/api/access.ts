import type { SimulatorToken } from "../../simulator.ts";

/** Who asks: the token behind `Authorization: ApiToken …`, if it is one of ours and still alive. */
export class Access {
  readonly #tokens: ReadonlyMap<string, SimulatorToken>;

  constructor(tokens: readonly SimulatorToken[]) {
    this.#tokens = new Map(tokens.map((token) => [token.token, token]));
  }

  authenticate(header: string | undefined, now: number): SimulatorToken | undefined {
    const match = /^ApiToken\s+(\S+)$/i.exec(header ?? "");
    const token = this.#tokens.get(match?.[1] ?? "");
    return token && (token.expiresAt ?? Infinity) > now ? token : undefined;
  }

  find(token: string): SimulatorToken | undefined {
    return this.#tokens.get(token);
  }
}

export const may = (token: SimulatorToken, permission: string): boolean =>
  token.permissions.includes("*") || token.permissions.includes(permission);
