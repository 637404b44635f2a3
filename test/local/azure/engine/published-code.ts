import { decode } from "../../../../local/azure/evaluator/envelopes.ts";
import { differences } from "../../../../local/azure/resource-manager/differences.ts";
import type { Subject, Wire, WireProvider } from "./provider-client.ts";

/**
 * Stands in for the process in which the CLI runs dynamic resources, and which it asks nothing in a preview: notes what code each would
 * publish, and otherwise says yes.
 */
export function published(publications: string[]): WireProvider {
  const done = ({ type }: Subject, inputs: Wire) => {
    if (!type.endsWith(":Code")) return inputs;
    publications.push(String(inputs["sha256"]));
    return { ...inputs, deploymentId: `deployment-${publications.length}` };
  };
  return {
    check: (_, __, inputs) => Promise.resolve({ inputs, failures: [] }),
    diff(_, old, news) {
      const changed = differences(decode(old.inputs).value, decode(news).value);
      const replaces = changed.filter((path) => path === "appId");
      const details = Object.fromEntries(changed.map((path) => [path, "UPDATE"]));
      return Promise.resolve({ changed: changed.length > 0, replaces, deleteBeforeReplace: false, details });
    },
    create: (subject, inputs, preview) =>
      Promise.resolve(preview ? { id: "", outputs: inputs } : { id: subject.name, outputs: done(subject, inputs) }),
    read: (_, __, old) => Promise.resolve(old),
    update: (subject, _, news, preview) => Promise.resolve(preview ? news : done(subject, news)),
    delete: () => Promise.resolve(),
  };
}
