import type * as pulumi from "@pulumi/pulumi";
import type { Stream } from "../kql/catalog.ts";
import { type ContentChoices, chooseContent, chooseRules } from "../kql/catalog-choices.ts";
import type { WorkspaceFunction } from "../kql/catalog-functions.ts";
import { readHuntingQueries } from "../kql/catalog-hunting.ts";
import { namesIn } from "../kql/catalog-names.ts";
import { readRules } from "../kql/catalog-rules.ts";
import { contentVersion as version } from "../kql/catalog-version.ts";
import { readWorkbooks } from "../kql/catalog-workbooks.ts";
import type { WorkerConnection } from "./app-settings.ts";
import type { Cloud } from "./cloud.ts";
import { ConnectorPages } from "./connector-page.ts";
import type { ConnectorScope } from "./connector-scope.ts";
import type { Content } from "./content.ts";
import { Hunting } from "./hunting.ts";
import { KnownTables } from "./known-tables.ts";
import type { Pusher } from "./push.ts";
import { Rules } from "./rules.ts";
import type { Streams } from "./streams.ts";
import { Workbooks } from "./workbooks.ts";
import type { Workspace } from "./workspace.ts";

export interface ShownContentArgs {
  readonly scope: ConnectorScope;
  readonly cloud: Cloud;
  readonly workspace: Workspace;
  readonly connections: readonly WorkerConnection[];
  readonly pushers: readonly Pusher[];
  readonly catalog: readonly Stream[];
  /** Owner of the tables. */
  readonly streams: Streams;
  /** The functions that are deployed, and their owner. */
  readonly functions: readonly WorkspaceFunction[];
  readonly queried: Content;
  /** Streams whose tables no rule can read, by id. */
  readonly basicStreams: readonly string[];
  /** What the stack decides about rules, hunting queries and workbooks. */
  readonly content: ContentChoices;
}

/** What Sentinel shows and runs over the tables: workbooks, connector pages, hunting queries, rules. */
export function showContent(name: string, args: ShownContentArgs, opts: pulumi.ComponentResourceOptions): void {
  const { workspace, catalog, streams, queried, content: choices } = args;
  const shared = { ...args, version, content: queried };
  new Workbooks(
    `${name}-workbooks`,
    { ...shared, workbooks: chooseContent(readWorkbooks(), choices, "workbooks") },
    opts,
  );
  new ConnectorPages(`${name}-pages`, shared, opts);
  new Hunting(`${name}-hunting`, { ...shared, queries: chooseContent(readHuntingQueries(), choices, "hunting") }, opts);

  const rules = chooseRules(readRules(), choices);
  if (rules.length === 0) return;
  const named = new Set(rules.flatMap(({ query }) => [...namesIn(query)]));
  const known = new KnownTables(
    `${name}-known`,
    {
      cloud: args.cloud,
      workspace,
      tables: catalog.filter(({ id }) => !args.basicStreams.includes(id)),
      functions: args.functions.filter(({ alias }) => named.has(alias)),
      dependsOn: [...streams.tables.values(), ...queried.functions],
    },
    // Not the provider of another subscription's workspace: this is no resource of azure-native's.
    opts.parent === undefined ? {} : { parent: opts.parent },
  );
  new Rules(`${name}-rules`, { ...shared, rules, known }, opts);
}
