import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { readStreams } from "../../../kql/catalog.ts";
import { parseDuration } from "../../../stacks/duration.ts";
import { UserError } from "../user-error.ts";

/** What `npm start -- …` asks for. */
export interface StartOptions {
  /** One pass, then exit. */
  readonly once: boolean;
  /** The summary as JSON on stdout, everything else on stderr. */
  readonly json: boolean;
  /** Absolute path of the folder that holds the local Azure's state. */
  readonly data: string;
  /** Consoles to use instead of the simulators, with their tokens. */
  readonly sentinelone?: RealConsole;
  readonly valence?: RealConsole;
  /** How far back a first collection reaches, e.g. `24h`. */
  readonly since: string;
  /** Ids of the streams to collect (`<vendor>-<stream>`); absent: those that are on by default. */
  readonly streams?: readonly string[];
}

export interface RealConsole {
  readonly url: URL;
  readonly token: string;
}

interface RawOptions {
  readonly once?: true;
  readonly json?: true;
  readonly data: string;
  readonly sentinelone?: URL;
  readonly valence?: URL;
  readonly since: string;
  readonly streams?: readonly string[];
}

/** Parses the command line; throws `UserError` on a mistake. */
export function parseStartOptions(argv: readonly string[], environment: NodeJS.ProcessEnv): StartOptions {
  const raw = command().parse(argv, { from: "user" }).opts<RawOptions>();
  if (raw.json && !raw.once) throw new UserError("--json prints the summary of one pass: use it together with --once.");
  return {
    once: raw.once ?? false,
    json: raw.json ?? false,
    data: resolve(environment["INIT_CWD"] ?? process.cwd(), raw.data),
    ...withConsole("sentinelone", raw.sentinelone, "SENTINELONE_API_TOKEN", environment),
    ...withConsole("valence", raw.valence, "VALENCE_API_KEY", environment),
    since: raw.since,
    ...(raw.streams && { streams: raw.streams }),
  };
}

function command(): Command {
  return new Command("npm start --")
    .description(
      "Deploys the connector into a local Azure and collects from simulated vendors, or from a real console.",
    )
    .option("--once", "collect every enabled stream until it has caught up, print the summary and exit")
    .option("--json", "with --once: the summary as JSON on stdout")
    .option("--data <dir>", "where the local Azure keeps its state", ".local")
    .option("--sentinelone <url>", "use this console; token from SENTINELONE_API_TOKEN", consoleUrl)
    .option("--valence <url>", "use this Valence API; key from VALENCE_API_KEY", consoleUrl)
    .option(
      "--since <duration>",
      "how far back a stream's first collection reaches, e.g. 90m, 24h, 7d",
      duration,
      "24h",
    )
    .option("--streams <list>", "only these: vendor/stream, or stream for every vendor that has it", streamList)
    .allowExcessArguments(false)
    .showHelpAfterError();
}

function duration(text: string): string {
  if (parseDuration(text) === undefined) {
    throw new InvalidArgumentError("Give a number and a unit: m (minutes), h (hours), d (days) or w (weeks), e.g. 7d.");
  }
  return text;
}

function consoleUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["https:", "http:"].includes(url.protocol)) {
    throw new InvalidArgumentError("Give a whole address, e.g. https://example.sentinelone.net.");
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new InvalidArgumentError(
      "Plain http is accepted for this machine only (127.0.0.1); a console's address starts with https://.",
    );
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new InvalidArgumentError(
      "Give the address alone: no user, query or fragment. The token comes from the environment.",
    );
  }
  return url;
}

const isLoopback = (host: string) => host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);

function streamList(text: string): readonly string[] {
  const known = [...readStreams("sentinelone"), ...readStreams("valence")];
  return text.split(",").flatMap((given) => {
    const wanted = given.trim();
    const found = known.filter(({ vendor, name }) => wanted === name || wanted === `${vendor}/${name}`);
    if (found.length > 0) return found.map(({ id }) => id);
    const allowed = known.map(({ vendor, name }) => `${vendor}/${name}`).join(", ");
    throw new InvalidArgumentError(`There is no stream "${wanted}". Streams: ${allowed}.`);
  });
}

function withConsole(
  vendor: "sentinelone" | "valence",
  url: URL | undefined,
  variable: string,
  environment: NodeJS.ProcessEnv,
) {
  if (!url) return {};
  const token = environment[variable]?.trim();
  if (!token) {
    throw new UserError(
      `--${vendor} ${url.origin} needs a token: set the environment variable ${variable}, e.g.\n  ${variable}=… npm start -- --${vendor} ${url.origin}`,
    );
  }
  return { [vendor]: { url, token } };
}
