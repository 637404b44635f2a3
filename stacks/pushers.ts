import type { Pusher } from "../components/push.ts";
import type { Fields } from "./fields.ts";
import type { Problem } from "./problem.ts";

/** Reads a connection with `mode: push`: the vendor delivers by itself, so there is nothing to be reached, and no token. */
export function parsePusher(fields: Fields, name: string | undefined, vendor: string | undefined): Pusher | undefined {
  const isGuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
  const principalRule =
    "the object id of the pusher's service principal, a GUID: Entra ID, Enterprise applications (that of App registrations is another)";
  const principalId =
    fields.text("pushPrincipalId", principalRule, isGuid) ??
    (fields.has("pushPrincipalId") ? undefined : fields.refuse("pushPrincipalId", principalRule));
  const clientId = fields.text("pushClientId", "the application (client) id of the pusher, a GUID", isGuid);
  if (vendor !== undefined && vendor !== "valence") fields.refuse("mode", "pull: only Valence pushes by itself");
  fields.refuseUnknown("with mode: push");
  if (!name || vendor !== "valence" || !principalId) return undefined;
  return Object.freeze({ name, principalId: principalId.toLowerCase(), ...(clientId ? { clientId } : {}) });
}

/** Azure grants a principal one role on one rule once. */
export function refuseTwinPushers(pushers: readonly Pusher[], problems: Problem[]): void {
  for (const [principalId, twins] of Map.groupBy(pushers, (pusher) => pusher.principalId)) {
    if (twins.length < 2) continue;
    problems.push({
      setting: "connections",
      given: `has ${twins.length} connections with pushPrincipalId "${principalId}"`,
      allowed: "each principal once",
      fix: `keep one of ${twins.map(({ name }) => name).join(", ")}: a principal may push for any number of tenants`,
    });
  }
}
