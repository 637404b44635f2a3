import * as pulumi from "@pulumi/pulumi";
import type { Cloud } from "./cloud.ts";
import { dynamicModule } from "./dynamic-types.ts";
import type { PublishedCode } from "./publish-code.ts";
import type { Storage } from "./storage.ts";
import type { WorkerApp } from "./worker-app.ts";

export interface CodeArgs {
  readonly app: WorkerApp;
  readonly cloud: Cloud;
  /** What must exist before the app can be reached. */
  readonly reachable: readonly pulumi.Resource[];
  readonly storage: Storage;
  /** Digest of the package that shall run. */
  readonly sha256: pulumi.Input<string>;
}

/** The worker's code on the app. Published when the package changes, or the app or its container is another one. */
export class Code extends pulumi.dynamic.Resource {
  /** Kudu's id of the deployment that put the code there. */
  declare readonly deploymentId: pulumi.Output<string>;

  constructor(name: string, { app, cloud, reachable, storage, sha256 }: CodeArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      {
        appId: app.id,
        cloud,
        ...app.publishing,
        packageContainerId: storage.packageContainer.id,
        sha256,
        deploymentId: undefined,
      },
      // Either, replaced under the same name, is without code, and looks as before from here.
      { ...opts, dependsOn: [...reachable], replaceWith: [app.resource, storage.packageContainer] },
      dynamicModule,
      "Code",
    );
  }
}

/**
 * The engine keeps the text of these methods in its state and runs it elsewhere, in the folder `stacks/`: so they hold nothing but
 * an import and a call, name nothing outside themselves, and no secret is among their inputs.
 */
const provider: pulumi.dynamic.ResourceProvider = {
  async diff(_id, olds: PublishedCode, news: PublishedCode) {
    const { codeChanges } = await import("../components/publish-code.ts");
    return codeChanges(olds, news);
  },
  async create(inputs: PublishedCode) {
    const { publishCode } = await import("../components/publish-code.ts");
    return publishCode(inputs);
  },
  async update(_id, _olds, news: PublishedCode) {
    const { publishCode } = await import("../components/publish-code.ts");
    return publishCode(news);
  },
  async read(id, props: PublishedCode) {
    const { readCode } = await import("../components/publish-code.ts");
    return readCode(id, props);
  },
};
