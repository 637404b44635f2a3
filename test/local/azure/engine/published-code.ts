import { codeChanges, type PublishedCode } from "../../../../components/publish-code.ts";
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
    /** As the SDK's dynamic provider answers: without details, by the resource's own method, else by all its inputs. */
    diff({ type }, old, news) {
      const unlike = { deleteBeforeReplace: false, details: {} };
      if (!type.endsWith(":Code")) {
        const changed = differences(decode(old.inputs).value, decode(news).value).length > 0;
        return Promise.resolve({ changed, replaces: [], ...unlike });
      }
      const { changes = false, replaces = [] } = codeChanges(asCode(old.outputs), asCode(news));
      return Promise.resolve({ changed: changes, replaces, ...unlike });
    },
    create: (subject, inputs, preview) =>
      Promise.resolve(preview ? { id: "", outputs: inputs } : { id: subject.name, outputs: done(subject, inputs) }),
    read: (_, __, old) => Promise.resolve(old),
    update: (subject, _, news, preview) => Promise.resolve(preview ? news : done(subject, news)),
    delete: () => Promise.resolve(),
  };
}

const asCode = (sent: Wire) => decode(sent).value as unknown as PublishedCode;
