import { once } from "node:events";
import { Agent, request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import type { HttpPlane } from "../../../../local/azure/http-plane.ts";
import { CertificateAuthority } from "../../../../local/azure/network/ca.ts";
import { type Front, type FrontOptions, startFront } from "../../../../local/azure/network/front.ts";
import { frontAgent } from "../../../../local/azure/network/front-agent.ts";
import { AzureError } from "../../../../local/azure/resource-manager/resource-type.ts";

let front: Front;
let agent: Agent;
afterEach(async () => {
  agent.destroy();
  await front.close();
});

const ca = await CertificateAuthority.open();

async function open(plane = echo, options: Omit<FrontOptions, "ca"> = {}) {
  front = await startFront({ ca, ...options });
  front.mount(plane);
  agent = frontAgent(front);
}

/** Answers with what it was sent. */
const echo: HttpPlane = {
  serves: (host) => host === "echo.azure.net",
  fetch: async (request) =>
    Response.json({ method: request.method, url: request.url, body: (await request.arrayBuffer()).byteLength }),
};

const failing = (problem: Error): HttpPlane => ({ serves: () => true, fetch: () => Promise.reject(problem) });

function ask(url: string, body?: Uint8Array): Promise<{ status: number; text: string; localPort: number }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(url, { agent, method: body ? "POST" : "GET" }, (answer) => {
      const localPort = answer.socket.localPort ?? 0;
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, text: body, localPort }), reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

test("requests reach the service that owns the host name, with path and query as they were sent", async () => {
  await open();
  const { text } = await ask("https://echo.azure.net/secrets/a%2Fb/?api%2Dversion=1");
  expect(JSON.parse(text)).toEqual({
    method: "GET",
    url: "https://echo.azure.net/secrets/a%2Fb/?api%2Dversion=1",
    body: 0,
  });
});

test("megabytes arrive whole, and the connection is kept", async () => {
  await open();
  const first = await ask("https://echo.azure.net/", new Uint8Array(4_000_000));
  const second = await ask("https://echo.azure.net/", new Uint8Array(1));
  expect(JSON.parse(first.text)).toMatchObject({ body: 4_000_000 });
  expect(second.localPort).toBe(first.localPort);
});

test("a host that nothing answers for is named", async () => {
  await open();
  const { status, text } = await ask("https://unknown.vault.azure.net/");
  expect(status).toBe(421);
  expect(text).toContain("unknown.vault.azure.net");
});

test("Azure's refusals keep their status and code; a plane's own failure is a 500 that says nothing, and is reported", async () => {
  await open(failing(new AzureError(403, "Forbidden", "No.")));
  expect(await ask("https://a.azure.net/")).toMatchObject({
    status: 403,
    text: JSON.stringify({ error: { code: "Forbidden", message: "No." } }),
  });
  await front.close();

  const reported: unknown[] = [];
  const bug = new Error("secret detail");
  await open(failing(bug), { onError: (message, error) => reported.push(message, error) });
  const { status, text } = await ask("https://a.azure.net/path?sig=secret");
  expect(status).toBe(500);
  expect(text).not.toContain("secret detail");
  expect(reported).toEqual(["GET https://a.azure.net/path failed", bug]);
});

test("a test can answer, cut the connection before, or after the work was done", async () => {
  let served = 0;
  const counting: HttpPlane = { ...echo, fetch: (request) => (served++, echo.fetch(request)) };
  const faults = [
    { kind: "answer", response: new Response("busy", { status: 429 }) },
    { kind: "reset" },
    { kind: "drop-answer" },
    undefined,
  ] as const;
  let call = 0;
  await open(counting, { fault: () => faults[call++] });
  expect(await ask("https://echo.azure.net/")).toMatchObject({ status: 429, text: "busy" });
  await expect(ask("https://echo.azure.net/")).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(served).toBe(0);
  await expect(ask("https://echo.azure.net/", new Uint8Array(1_000_000))).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(served).toBe(1);
  expect(await ask("https://echo.azure.net/")).toMatchObject({ status: 200 });
});

test("a client that does not know the authority is not served", async () => {
  await open();
  const stranger = new Agent();
  const refused = new Promise((_, reject) => {
    httpsRequest({ host: "127.0.0.1", port: front.port, agent: stranger }).on("error", reject).end();
  });
  await expect(refused).rejects.toThrow(/self-signed|unable to/);
});

test("closing waits for nobody", async () => {
  const arrived = Promise.withResolvers<void>();
  const silent: HttpPlane = {
    serves: () => true,
    fetch: () => {
      arrived.resolve();
      return new Promise(() => {});
    },
  };
  await open(silent);
  const pending = ask("https://echo.azure.net/").catch((error: unknown) => error);
  await arrived.promise;
  await front.close();
  expect(await pending).toMatchObject({ code: "ECONNRESET" });
});

test("closing ends a connection whose handshake is under way", async () => {
  await open();
  const socket = connect(front.port, "127.0.0.1");
  socket.on("error", () => {});
  const ended = once(socket, "close");
  await once(socket, "connect");
  await ask("https://echo.azure.net/");
  await front.close();
  await ended;
});
