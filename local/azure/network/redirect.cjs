"use strict";
/**
 * Preloaded (`--require`) into every process that talks to the local Azure by Azure's real host names: connections to them end at the
 * front door on loopback, while TLS still checks the name that was asked for. It fails closed: whatever is neither Azure, loopback nor
 * listed is refused, so that a name nobody thought of never reaches the real cloud. All of `http`, `https`, `fetch` and `tls` pass here.
 */
const net = require("node:net");

const frontPort = Number(process.env.LOCAL_AZURE_PORT);
if (!Number.isInteger(frontPort) || frontPort <= 0)
  throw new Error("LOCAL_AZURE_PORT must hold the port of the local Azure's front door.");

/** `host` or `host:port`, comma separated: hosts outside that may be reached, for instance a real console. */
const allowed = new Set((process.env.LOCAL_AZURE_ALLOWED_HOSTS ?? "").toLowerCase().split(",").filter(Boolean));

/** Every domain that Microsoft's clouds serve APIs from; the front door says which hosts exist. */
const azure =
  /(^|\.)(azure\.(net|com|us|cn)|windows\.net|microsoft\.com|microsoftonline\.(com|us)|azurewebsites\.(net|us)|loganalytics\.(io|us|azure\.cn)|applicationinsights\.(io|com|us)|visualstudio\.com|usgovcloudapi\.net|chinacloudapi\.cn)$/;

const loopback = /^(localhost|127(\.\d+){3}|::1|\[::1\])$/;

// oxlint-disable-next-line typescript/unbound-method -- called with the socket as `this` below
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  // Node passes its own callers' arguments on as one array that is already in this form.
  const [options, callback] = Array.isArray(args[0]) ? args[0] : net._normalizeArgs(args);
  // A local socket. HTTP agents pass null.
  if (options.path) return connect.call(this, options, callback);
  const host = (options.host ?? "localhost").toLowerCase();
  if (loopback.test(host) || allowed.has(host) || allowed.has(`${host}:${options.port}`))
    return connect.call(this, options, callback);
  if (azure.test(host) && Number(options.port) === 443)
    return connect.call(this, { ...options, host: "127.0.0.1", port: frontPort }, callback);
  // Callers go on to set up the socket, and listen for errors only then.
  process.nextTick(() => this.destroy(refusal(host, options.port)));
  return this;
};

function refusal(host, port) {
  const error = new Error(
    `Connection to ${host}:${port} refused: this process may only reach the local Azure, loopback addresses and the hosts that it was started for.`,
  );
  return Object.assign(error, { code: "ERR_OUTSIDE_LOCAL_AZURE", syscall: "connect", address: host, port });
}
