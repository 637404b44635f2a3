import "./lean-sdk.ts";
import * as pulumi from "@pulumi/pulumi";
import { bundleWorker } from "../components/bundle.ts";
import { Connector } from "../components/connector.ts";
import { preflight } from "./preflight/preflight.ts";
import { readSettings } from "./settings.ts";

const settings = await readSettings();
// Nothing but the app waits for its code.
const code = pulumi.output(bundleWorker());
const existing = await preflight(settings);
const connector = new Connector("connector", { ...settings, stack: pulumi.getStack(), existing, code });

/** Azure cloud that the stack lies in. */
export const cloud = settings.cloud;
export const resourceGroupName = connector.resourceGroupName;
export const workspaceResourceId = connector.workspace.resourceId;
/** GUID that queries are addressed to. */
export const workspaceId = connector.workspace.customerId;
/** What is collected, and how, for the operator's command. */
export const connections = connector.connections;
export const collection = settings.collection;
export const ingestionEndpoint = connector.streams.endpoint;
/** What to fill in at Valence, by connection with `mode: push`; the client's secret is its owner's. */
export const valencePush = connector.push.forms;
export const functionAppName = connector.collector.app.name;
export const storageAccountName = connector.storage.accountName;
export const stateTableEndpoint = connector.storage.endpoints.table;
export const queueEndpoint = connector.storage.endpoints.queue;
/** Where the app takes its package. */
export const publishingHost = connector.collector.app.publishingHost;
export const vaultUri = connector.vault.uri;
/** Object id to which the owner of another vault grants "Key Vault Secrets User". */
export const identityPrincipalId = connector.identityPrincipalId;
/** With a private network and a NAT gateway: its id, for the worker's subnet, and the address that consoles see. */
export const natGateway = connector.natGateway;
/** Lines for ASIM's own functions in an existing workspace, by function, so that its parsers find those of this connector. */
export const asimLinesToAdd = connector.asimLinesToAdd;
/** The package that runs: size of its code in bytes, digest of the whole, and what it calls itself in health rows. */
export const bundle = { bytes: code.bytes, sha256: code.sha256, version: code.version };
