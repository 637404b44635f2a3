import type { TokenCredential } from "@azure/identity";
import type { Principal } from "../cloud.ts";
import { audienceOfScope, knownAudience } from "./audiences.ts";
import type { TokenAuthority } from "./tokens.ts";

/** A credential for Azure SDK clients in this process that act as one principal of the local tenant. */
export function principalCredential(authority: TokenAuthority, principal: Principal): TokenCredential {
  return {
    getToken: async (scopes) => {
      const scope = Array.isArray(scopes) ? scopes[0] : scopes;
      const { token, expiresOn } = authority.issue(
        principal,
        knownAudience(audienceOfScope(scope ?? ""), authority.environment),
      );
      return { token, expiresOnTimestamp: expiresOn * 1000 };
    },
  };
}
