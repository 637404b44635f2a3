import { canonical } from "./lossless.ts";
import { valenceStream } from "./valence-stream.ts";

/**
 * The audit log. Rows have no id, and two may be equal in every field: the key is the whole row and an ordinal that counts its repeats.
 * Equal rows have the same second and cannot be told apart, so counting from the second's beginning gives the same keys at every poll.
 * The server does not count, so each hour the last day is read again for rows that turned up late.
 */
export const auditLogs = valenceStream({
  name: "audit-logs",
  path: ({ paths }) => paths.auditLogs,
  time: "timeEpoch",
  sweep: { everyHours: 1, reachHours: 26 },
  reader: () => {
    const repeats = new Map<string, number>();
    return {
      restart: () => repeats.clear(),
      key: (row) => {
        const text = canonical(row);
        const ordinal = repeats.get(text) ?? 0;
        repeats.set(text, ordinal + 1);
        return `${ordinal}|${text}`;
      },
      row: (row, key) => ({ ...row, ordinal: Number(key.split("|", 1)[0]) }),
    };
  },
});
