import { Random } from "../../random.ts";

/** What joins a machine to a site or group: a secret, in the open in the console's answers. */
export const registrationToken = (seed: number, scopeId: string): string =>
  Buffer.from(
    JSON.stringify({ url: "https://console.halvorsen.example", site_key: new Random(seed, "token", scopeId).hex(16) }),
  ).toString("base64");
