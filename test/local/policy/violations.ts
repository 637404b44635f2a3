import { type AnalyzedResource, PolicyPack } from "./policy-pack.ts";

/** A resource as a run of the engine leaves it. */
export interface DeployedResource extends Omit<AnalyzedResource, "properties"> {
  readonly inputs: AnalyzedResource["properties"];
  readonly outputs: AnalyzedResource["properties"];
}

/** What the engine would stop at, `<policy>: <message>`: single resources are judged by their inputs, the stack by their outputs. */
export async function violationsOf(resources: readonly DeployedResource[]): Promise<readonly string[]> {
  await using pack = await PolicyPack.start();
  const single = resources.map((resource) => pack.analyze({ ...resource, properties: resource.inputs }));
  const whole = pack.analyzeStack(resources.map((resource) => ({ ...resource, properties: resource.outputs })));
  const found = (await Promise.all([...single, whole])).flat();
  return found.filter(({ isMandatory }) => isMandatory).map(({ policy, message }) => `${policy}: ${message}`);
}
