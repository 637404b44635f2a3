import { json } from "../../server.ts";
import type { SimulatorAnswer } from "../../simulator.ts";

/** The console's error envelope; `code` is the HTTP status followed by four digits. */
export const failure = (status: number, code: number, title: string, detail: string | null = null): SimulatorAnswer =>
  json(status, JSON.stringify({ errors: [{ code, detail, title }], data: null, pagination: null }));

export const notAuthenticated = (): SimulatorAnswer => failure(401, 4010010, "Authentication Failed");

export const notPermitted = (): SimulatorAnswer => failure(403, 4030010, "User does not have required permissions.");

export const notFound = (): SimulatorAnswer => failure(404, 4040010, "Requested resource was not found", "");

/** Outside the API no JSON is spoken at all. */
export const pageNotFound = (): SimulatorAnswer => ({
  status: 404,
  headers: { "Content-Type": "text/plain; charset=utf-8" },
  body: "404 page not found\n",
});

/** Comes from the proxy in front of the console: HTML, and no `Retry-After`. */
export const tooManyRequests = (): SimulatorAnswer => ({
  status: 429,
  headers: { "Content-Type": "text/html" },
  body:
    "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>\r\n" +
    "<center><h1>429 Too Many Requests</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
});

/** A query parameter that the console refuses. */
export class InvalidParameter extends Error {
  constructor(parameter: string, complaint: string) {
    super(`${parameter}: ${complaint}`);
  }

  answer(): SimulatorAnswer {
    return failure(400, 4000010, this.message);
  }
}
