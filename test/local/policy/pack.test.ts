import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials } from "@grpc/grpc-js";
import analyzerGrpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as rules from "../../policy/rules.ts";

const runner = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run-policy-pack");
const pack = join(import.meta.dirname, "..", "..", "policy");

/** The pack as `pulumi preview --policy-pack test/policy` starts it. */
let stop: () => Promise<void>;
let client: InstanceType<typeof analyzerGrpc.AnalyzerClient>;
beforeAll(async () => {
  const child = spawn(process.execPath, [runner, "127.0.0.1:1", pack], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const [port] = (await once(createInterface(child.stdout), "line")) as [string];
  client = new analyzerGrpc.AnalyzerClient(`127.0.0.1:${port.trim()}`, credentials.createInsecure());
  stop = async () => {
    client.close();
    child.kill();
    await exited;
  };
});
afterAll(() => stop());

/** What the pack says of a storage account, as `<policy>: <message>`. */
function analyze(props: Record<string, unknown>): Promise<readonly string[]> {
  const request = new analyzer.AnalyzeRequest();
  request.setType("azure-native:storage:StorageAccount");
  request.setName("st");
  request.setUrn("urn:pulumi:dev::project::azure-native:storage:StorageAccount::st");
  request.setOptions(new analyzer.AnalyzerResourceOptions());
  request.setProperties(structs.Struct.fromJavaScript(props as never));
  return new Promise((resolve, reject) => {
    client.analyze(request, (error, response) => {
      if (error) reject(error);
      else resolve(response.getDiagnosticsList().map((found) => `${found.getPolicyname()}: ${found.getMessage()}`));
    });
  });
}

const good = {
  tags: { application: "x", stack: "dev" },
  minimumTlsVersion: "TLS1_2",
  enableHttpsTrafficOnly: true,
  allowSharedKeyAccess: false,
  allowBlobPublicAccess: false,
};

test("the engine finds every rule in the pack, all of them mandatory", async () => {
  const { promise, resolve, reject } = Promise.withResolvers<InstanceType<typeof analyzer.AnalyzerInfo>>();
  client.getAnalyzerInfo(new empty.Empty(), (error, info) => (error ? reject(error) : resolve(info)));
  const policies = (await promise).getPoliciesList();
  expect(policies).toHaveLength(Object.keys(rules).length);
  expect(policies.map((policy) => policy.getEnforcementlevel())).toEqual(
    policies.map(() => analyzer.EnforcementLevel.MANDATORY),
  );
});

test("what keeps to the policies passes, what breaks one is named", async () => {
  expect(await analyze(good)).toEqual([]);
  expect(await analyze({ ...good, allowSharedKeyAccess: true })).toEqual([
    expect.stringMatching(/^no-shared-keys: .*allowSharedKeyAccess has to be false/s) as string,
  ]);
});
