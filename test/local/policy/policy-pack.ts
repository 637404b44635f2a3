import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import analyzerGrpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { type SdkProcess, startSdkProcess } from "../azure/engine/sdk-process.ts";

/** Folder of the connector's policies, as `--policy-pack` takes it. */
export const policyFolder = join(import.meta.dirname, "..", "..", "policy");

/** A resource as the engine shows it to policies: properties on the wire, in Pulumi's envelopes. */
export interface AnalyzedResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** URNs. */
  readonly dependencies: readonly string[];
}

export interface Violation {
  readonly policy: string;
  readonly message: string;
  /** Whether it stops the deployment; a policy that a preview knows too little for only advises. */
  readonly isMandatory: boolean;
}

/** A policy pack in a process of its own, as the CLI's language host starts it (pulumi-language-nodejs, RunPlugin, at 3.260). */
export class PolicyPack implements AsyncDisposable {
  readonly #server: SdkProcess;
  readonly #client: InstanceType<typeof analyzerGrpc.AnalyzerClient>;

  private constructor(server: SdkProcess) {
    this.#server = server;
    this.#client = new analyzerGrpc.AnalyzerClient(`127.0.0.1:${server.port}`, credentials.createInsecure(), {
      "grpc.max_send_message_length": -1,
    });
  }

  static async start(folder = policyFolder): Promise<PolicyPack> {
    const server = await startSdkProcess("run-policy-pack", {
      args: [folder],
      cwd: folder,
      env: {
        ...process.env,
        PULUMI_NODEJS_ORGANIZATION: "organization",
        PULUMI_NODEJS_PROJECT: "project",
        PULUMI_NODEJS_STACK: "dev",
        PULUMI_NODEJS_DRY_RUN: "true",
        PULUMI_CONFIG: "{}",
      },
      stderr: "inherit",
    });
    return new PolicyPack(server);
  }

  async policies(): Promise<readonly { readonly name: string; readonly isMandatory: boolean }[]> {
    const info = await this.#call<analyzer.AnalyzerInfo>("getAnalyzerInfo", new empty.Empty());
    return info.getPoliciesList().map((policy) => ({
      name: policy.getName(),
      isMandatory: policy.getEnforcementlevel() === analyzer.EnforcementLevel.MANDATORY,
    }));
  }

  /** One resource, by the inputs that its provider has checked. */
  async analyze({ urn, type, name, properties }: AnalyzedResource): Promise<readonly Violation[]> {
    const request = new analyzer.AnalyzeRequest().setUrn(urn).setType(type).setName(name);
    request.setOptions(new analyzer.AnalyzerResourceOptions()).setProperties(struct(properties));
    return violations(await this.#call("analyze", request));
  }

  /** All resources, by their outputs. */
  async analyzeStack(resources: readonly AnalyzedResource[]): Promise<readonly Violation[]> {
    const request = new analyzer.AnalyzeStackRequest();
    request.setResourcesList(
      resources.map(({ urn, type, name, properties, dependencies }) => {
        const resource = new analyzer.AnalyzerResource().setUrn(urn).setType(type).setName(name);
        resource.setOptions(new analyzer.AnalyzerResourceOptions()).setProperties(struct(properties));
        return resource.setDependenciesList([...dependencies]);
      }),
    );
    return violations(await this.#call("analyzeStack", request));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.#server[Symbol.asyncDispose]();
  }

  #call<Response>(method: "analyze" | "analyzeStack" | "getAnalyzerInfo", request: object): Promise<Response> {
    type Method = (request: object, callback: (error: Error | null, response: Response) => void) => void;
    return new Promise((resolve, reject) => {
      const call = (this.#client[method] as unknown as Method).bind(this.#client);
      call(request, (error, response) => (error ? reject(error) : resolve(response)));
    });
  }
}

const violations = (response: analyzer.AnalyzeResponse): readonly Violation[] =>
  response.getDiagnosticsList().map((found) => ({
    policy: found.getPolicyname(),
    message: found.getMessage(),
    isMandatory: found.getEnforcementlevel() === analyzer.EnforcementLevel.MANDATORY,
  }));

const struct = (properties: AnalyzedResource["properties"]) => structs.Struct.fromJavaScript(properties as never);
