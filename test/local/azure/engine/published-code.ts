import { decode } from "../../../../local/azure/evaluator/envelopes.ts";
import { differences } from "../../../../local/azure/resource-manager/differences.ts";
import type { WireProvider } from "./provider-client.ts";

/** Stands in for the process in which the CLI runs dynamic resources: notes what each would publish. */
export function published(publications: string[]): WireProvider {
  const note = (inputs: Record<string, unknown>) => {
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
    create: (_, inputs, preview) =>
      Promise.resolve(preview ? { id: "", outputs: {} } : { id: String(inputs["appId"]), outputs: note(inputs) }),
    read: (_, __, old) => Promise.resolve(old),
    update: (_, __, news, preview) => Promise.resolve(preview ? {} : note(news)),
    delete: () => Promise.resolve(),
  };
}
