import { randomBytes, randomUUID } from "node:crypto";
import type { LocalCloud, Principal } from "../cloud.ts";

/** Kept among the resources, though it is the directory's and no resource: whatever is kept there is sealed on disk. */
const type = "entra:Application";

/** Registers an application of somebody else, such as a vendor that pushes into this tenant, with its service principal and a secret. */
export function registerApplication(
  { state }: Pick<LocalCloud, "state">,
  displayName: string,
): { readonly principal: Principal; readonly clientSecret: string } {
  const principal = { clientId: randomUUID(), principalId: randomUUID(), displayName };
  const clientSecret = randomBytes(30).toString("base64url");
  state.set({ id: `/applications/${principal.clientId}`, type, inputs: { clientSecret }, outputs: { ...principal } });
  return { principal, clientSecret };
}

/** The application of that client id. */
export function findApplication(
  { state }: Pick<LocalCloud, "state">,
  clientId: string,
): { readonly principal: Principal; readonly clientSecret: string } | undefined {
  const found = state.get(`/applications/${clientId}`);
  if (found?.type !== type) return undefined;
  return { principal: found.outputs as unknown as Principal, clientSecret: String(found.inputs["clientSecret"]) };
}
