import { hash64 } from "../state/hash.ts";
import { canonical } from "./lossless.ts";
import { valenceStream } from "./valence-stream.ts";

/**
 * Alerts. An alert names only the id of its type, which holds severity and MITRE techniques: the type is put in its place, as in Valence's
 * own push. Nothing says when an alert was changed, so the last week is read again every hour and a change is told by the content.
 */
export const alerts = valenceStream({
  name: "alerts",
  path: ({ paths }) => paths.alerts,
  time: "creationTimestamp",
  sweep: { everyHours: 1, reachHours: 7 * 24 },
  reader: () => ({
    restart: () => undefined,
    key: (alert) => {
      const { high, low } = hash64(canonical(alert));
      return `${String(alert["vuid"])}|${high}|${low}`;
    },
    row: async ({ alertTypeVuid, ...alert }, _, { alertType }) =>
      typeof alertTypeVuid === "string" ? { ...alert, alertType: await alertType(alertTypeVuid) } : alert,
  }),
});
