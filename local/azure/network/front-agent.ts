import { Agent, type RequestOptions } from "node:https";
import { connect } from "node:tls";
import type { Front } from "./front.ts";

/**
 * For Azure SDK clients in this process (option `agent`): Azure's real host names lead to the front door, and its authority is trusted
 * here alone. Child processes get the redirect instead. Destroy it when done.
 */
export function frontAgent(front: Front): Agent {
  return new FrontAgent(front);
}

class FrontAgent extends Agent {
  readonly #front: Front;

  constructor(front: Front) {
    super({ keepAlive: true });
    this.#front = front;
  }

  override createConnection(options: RequestOptions) {
    const servername = options.host ?? "localhost";
    return connect({ host: "127.0.0.1", port: this.#front.port, servername, ca: this.#front.ca.certificate });
  }
}
