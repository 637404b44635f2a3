import * as resources from "@pulumi/azure-native/resources/index.js";
import * as storage from "@pulumi/azure-native/storage/index.js";
import * as pulumi from "@pulumi/pulumi";

/** As many queues as config names, in an account that config names, tagged, kept, protected or renamed as config says. */
const config = new pulumi.Config();
const options = {
  protect: config.getBoolean("protect") ?? false,
  retainOnDelete: config.getBoolean("retain") ?? false,
};
const group = new resources.ResourceGroup("group", { resourceGroupName: "rg-queues", location: "westeurope" });
const accountOptions: pulumi.CustomResourceOptions = {
  ...(config.get("ignore") && { ignoreChanges: [config.require("ignore")] }),
  ...(config.get("called") && { aliases: [{ name: "account" }] }),
  ...(config.getBoolean("transform") && { transforms: [() => undefined] }),
};
const account = new storage.StorageAccount(
  config.get("called") ?? "account",
  {
    resourceGroupName: group.name,
    accountName: config.require("account"),
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
    tags: { owner: config.get("owner") ?? "nobody" },
  },
  accountOptions,
);

export const queues = (config.getObject<string[]>("queues") ?? []).map(
  (queueName) =>
    new storage.Queue(queueName, { resourceGroupName: group.name, accountName: account.name, queueName }, options).id,
);
