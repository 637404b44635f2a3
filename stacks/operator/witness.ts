import { HttpClient, type HttpRequest, type HttpResponse } from "../../function-code/http.ts";

/** What was asked of a server and what came back, without a value of either. */
export interface Exchange {
  /** Method, path and the names of the query's parameters, or of the body's members. */
  readonly request: string;
  readonly status: number;
  /** Members of the answer by name and kind, e.g. `items: list of 12`; lists are followed to their first item. */
  readonly answer: string;
}

/** An HTTP client that remembers the shape of its last exchange. */
export class WitnessClient extends HttpClient {
  last: Exchange | undefined;

  override async send(request: HttpRequest): Promise<HttpResponse> {
    const response = await super.send(request);
    const names =
      request.body === undefined ? [...request.url.searchParams.keys()] : Object.keys(parse(request.body) ?? {});
    this.last = {
      request: `${request.method} ${request.url.pathname}${names.length > 0 ? ` with ${names.join(", ")}` : ""}`,
      status: response.status,
      answer: shapeOf(response.body.toString("utf8")),
    };
    return response;
  }
}

function shapeOf(text: string): string {
  const value = parse(text);
  if (value === undefined) return text === "" ? "nothing" : "no JSON";
  return kindOf(value);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "empty list" : `list of ${value.length}`;
  if (typeof value !== "object") return typeof value;
  const members = Object.entries(value).map(
    ([name, member]) =>
      `${name}: ${typeof member === "object" && member !== null && !Array.isArray(member) ? `{ ${Object.keys(member).join(", ")} }` : kindOf(member)}`,
  );
  return members.length === 0 ? "empty object" : members.join("; ");
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
