import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parseStartOptions } from "../../../local/commands/start/options.ts";

// commander writes its message and exits; here the message is the result.
let message = "";
beforeEach(() => {
  message = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    message += String(text);
    return true;
  });
  vi.spyOn(process, "exit").mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
});
afterEach(() => vi.restoreAllMocks());

test("without options: simulators, one day back, the folder .local below where npm was called", () => {
  expect(parseStartOptions([], { INIT_CWD: "/somewhere" })).toEqual({
    once: false,
    json: false,
    data: "/somewhere/.local",
    since: "24h",
  });
});

test.each(["7d", "24h", "90m", "2w"])("--since %s is taken", (text) => {
  expect(parseStartOptions(["--since", text], {}).since).toBe(text);
});

test.each(["", "7", "d", "-1d", "0h", "1y", "7 d"])("--since %j is refused with an example", (text) => {
  expect(() => parseStartOptions([`--since=${text}`], {})).toThrow("exit 1");
  expect(message).toContain("e.g. 7d");
});

test("a stream's bare name means every vendor that has it", () => {
  expect(parseStartOptions(["--streams", "alerts,sentinelone/threats"], {}).streams).toEqual([
    "sentinelone-alerts",
    "valence-alerts",
    "sentinelone-threats",
  ]);
});

test("an unknown stream is refused with the list of those that exist", () => {
  expect(() => parseStartOptions(["--streams", "thread"], {})).toThrow("exit 1");
  expect(message).toContain('no stream "thread"');
  expect(message).toContain("sentinelone/threats");
});

test("a console needs its token, which is never an option", () => {
  expect(() => parseStartOptions(["--sentinelone", "https://console.example"], {})).toThrow("SENTINELONE_API_TOKEN");
  const { sentinelone } = parseStartOptions(["--sentinelone", "https://console.example"], {
    SENTINELONE_API_TOKEN: " abc \n",
  });
  expect(sentinelone).toEqual({ url: new URL("https://console.example"), token: "abc" });
});

test.each([
  ["console.example", "whole address"],
  ["ftp://console.example", "whole address"],
  ["http://console.example", "Plain http"],
  ["https://user:pass@console.example", "no user"],
])("the console address %s is refused", (url, reason) => {
  expect(() => parseStartOptions(["--sentinelone", url], { SENTINELONE_API_TOKEN: "x" })).toThrow("exit 1");
  expect(message).toContain(reason);
});

test("http is accepted for this machine", () => {
  expect(parseStartOptions(["--valence", "http://127.0.0.1:8080"], { VALENCE_API_KEY: "k" }).valence?.url.port).toBe(
    "8080",
  );
});

test("--json without --once is refused", () => {
  expect(() => parseStartOptions(["--json"], {})).toThrow("--once");
});
