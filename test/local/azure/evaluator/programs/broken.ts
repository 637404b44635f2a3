import * as resources from "@pulumi/azure-native/resources/index.js";
import * as pulumi from "@pulumi/pulumi";

class Other extends pulumi.CustomResource {
  constructor(type: string) {
    super(type, "other", {});
  }
}

/** Breaks where config says. */
const config = new pulumi.Config();
const at = config.require("at");
if (at === "top") throw new Error("setting location: 'mars' is not a region");

const group = new resources.ResourceGroup("group", { resourceGroupName: "rg-broken", location: "westeurope" });
const broken = group.name.apply((name): string => {
  throw new Error(`nothing can be made of ${name}`);
});

/** Named, not exported: nothing waits for a resource whose inputs break. */
function make(name: string) {
  const child = new resources.ResourceGroup("child", { resourceGroupName: broken, location: "westeurope" });
  return child ? name : "";
}

export const child = at === "apply" && make("child");
export const provider = at === "unknown type" && new Other("aws:s3:Bucket").id;
export const unhandled = at === "unhandled type" && new Other("azure-native:cache:Redis").id;
export const wanted = at === "output" ? broken : "";
