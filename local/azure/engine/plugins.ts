import { createRequire } from "node:module";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { LocalCloud } from "../cloud.ts";
import { createAzureProvider } from "../resource-manager/azure-provider.ts";
import { createRandomProvider } from "../resource-manager/random-provider.ts";
import { azureOptions, otherAccount } from "./provider-config.ts";
import { createProviderService, type PluginOptions } from "./provider-service.ts";

/** Provider plugins that a Pulumi engine attaches to. */
export interface Plugins extends AsyncDisposable {
  /** Package → port on 127.0.0.1. */
  readonly ports: Readonly<Record<string, number>>;
  /** Value of `PULUMI_DEBUG_PROVIDERS`. */
  readonly debugProviders: string;
}

/** Serves the providers `azure-native` and `random` over a local Azure. */
export async function servePlugins(cloud: LocalCloud): Promise<Plugins> {
  await using started = new AsyncDisposableStack();
  const plugins: readonly PluginOptions[] = [
    {
      name: "azure-native",
      version: versionOf("@pulumi/azure-native"),
      check: (config, isDefault) => otherAccount(config, isDefault, cloud),
      configure: (config) => createAzureProvider(cloud, azureOptions(config)),
    },
    { name: "random", version: versionOf("@pulumi/random"), configure: () => createRandomProvider() },
  ];
  const ports: Record<string, number> = {};
  for (const plugin of plugins) {
    // Rules and workbooks outgrow the 4 MB that gRPC allows by itself.
    const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
    server.addService(service.ResourceProviderService, createProviderService(plugin));
    ports[plugin.name] = await new Promise((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
    started.defer(() => server.forceShutdown());
  }
  const resources = started.move();
  return {
    ports,
    debugProviders: Object.entries(ports)
      .map(([name, port]) => `${name}:${port}`)
      .join(","),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const versionOf = (name: string): string => {
  const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
  return version;
};
