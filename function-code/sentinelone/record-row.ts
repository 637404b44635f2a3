/**
 * What is uploaded for a record: its own JSON text, and what only the worker knows.
 * @param now epoch milliseconds
 */
export const recordRow = (connection: string, now: number, json: Buffer): object => ({
  TimeGenerated: new Date(now).toISOString(),
  Connection: connection,
  Record: json,
});
