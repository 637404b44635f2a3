import { expect, test } from "vitest";
import { systemClock } from "../../function-code/clock.ts";
import type { SentinelOneClient } from "../../function-code/sentinelone/client.ts";
import { sentinelOneStreams } from "../../function-code/sentinelone/streams.ts";
import { parseIso } from "../../function-code/timestamps.ts";
import type { Caller } from "../../function-code/vendor-http.ts";
import { whyNoWindows } from "../../function-code/windows.ts";
import { readStreams, type Stream } from "../../kql/catalog.ts";
import { storedVersion } from "../../stacks/operator/stored-keys.ts";
import { expectedRows, uploadedRows } from "./samples.ts";

const streams = readStreams("sentinelone");
const caller: Caller = {
  requests: 0,
  retries: 0,
  signal: new AbortController().signal,
  beforeRequest: () => Promise.resolve(),
};

/** A console whose lists hold the samples. */
function consoleOf(stream: Stream): SentinelOneClient {
  const records = uploadedRows(stream).map((row) => (JSON.parse(row) as { Record: string }).Record);
  const rest = `{"data":[${records.join(",")}],"pagination":{"nextCursor":null}}`;
  const edges = records.map((record) => `{"cursor":"c","node":${record}}`);
  const graph = `{"data":{"alerts":{"edges":[${edges.join(",")}],"pageInfo":{"hasNextPage":false}}}}`;
  const client = {
    connection: { name: "emea" },
    get: ({ read }: { read: (body: Buffer) => unknown }) => Promise.resolve(read(Buffer.from(rest))),
    post: ({ read }: { read: (body: Buffer) => unknown }) => Promise.resolve(read(Buffer.from(graph))),
    serverNow: () => Promise.resolve(0),
  };
  return client as unknown as SentinelOneClient;
}

test.each(streams.filter(({ windows }) => windows).map((stream) => [stream.name, stream] as const))(
  "%s are named by their table's columns as by the worker's ledger",
  async (name, stream) => {
    const { time = "", version = [] } = stream.windows ?? {};
    const declared = sentinelOneStreams.find((candidate) => candidate.name === name);
    const page = await declared?.open(consoleOf(stream), caller, systemClock).read({ from: 0 });
    const worker = page?.records.map((record) => ({ key: record.key, time: record.time }));
    const rows = expectedRows(stream).filter((row) => row[time]);
    const table = rows.map((row) => ({
      key: storedVersion(version.map((column) => row[column])),
      time: parseIso(row[time] as string),
    }));
    expect(table.length).toBeGreaterThan(0);
    expect(worker).toEqual(expect.arrayContaining(table));
  },
);

test("every SentinelOne stream that can be asked for its past can be told apart in its table", () => {
  const askable = sentinelOneStreams.filter((stream) => whyNoWindows(stream) === undefined).map(({ name }) => name);
  expect(streams.filter(({ windows }) => windows).map(({ name }) => name)).toEqual(askable);
});
