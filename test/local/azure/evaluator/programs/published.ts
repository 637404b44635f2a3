import * as resources from "@pulumi/azure-native/resources/index.js";
import * as pulumi from "@pulumi/pulumi";

/** A dynamic resource as the connector's code deployment is one: methods that import and call. */
const config = new pulumi.Config();
const group = new resources.ResourceGroup("group", {
  resourceGroupName: "rg-published",
  location: config.get("location") ?? "westeurope",
});

interface Parcel {
  readonly digest: string;
  readonly note?: string;
}

class Published extends pulumi.dynamic.Resource {
  declare readonly receipt: pulumi.Output<string>;
  constructor(name: string, inputs: pulumi.Inputs) {
    super(
      {
        async check(_olds: Parcel, news: Parcel) {
          const { checkParcel } = await import("../publisher.ts");
          return checkParcel(news);
        },
        async diff(_id, olds: Parcel, news: Parcel) {
          return { changes: olds.digest !== news.digest };
        },
        async create(news: Parcel) {
          const { publish } = await import("../publisher.ts");
          return publish(news, "created");
        },
        async update(_id, _olds, news: Parcel) {
          const { publish } = await import("../publisher.ts");
          return publish(news, "updated");
        },
        async delete(id, props: Parcel) {
          const { withdraw } = await import("../publisher.ts");
          withdraw(id, props);
        },
      },
      name,
      { ...inputs, receipt: undefined },
      { replaceWith: [group], deleteBeforeReplace: config.getBoolean("deleteFirst") ?? false },
    );
  }
}

const published =
  config.get("digest") === undefined
    ? undefined
    : new Published("published", { digest: config.require("digest"), note: config.get("note"), groupId: group.id });

export const receipt = published?.receipt ?? "none";
