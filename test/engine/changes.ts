import type { ProgramCopy } from "./program-copy.ts";
import { connections, type Steps } from "./subject.ts";

/** A change of the program or of its settings, and all that it may touch. */
export interface Change {
  readonly what: string;
  readonly edit?: (copy: ProgramCopy) => void;
  /** Over those of before. */
  readonly settings?: object;
  /** What the up does. */
  readonly steps: Steps;
  /** What the preview shows besides: azure-native takes every output of what is updated for unknown until it is. */
  readonly foreseen?: Steps;
  /** How many packages are published. */
  readonly publications?: number;
}

const [emea, saas] = connections;
const rotated = { connections: [{ ...emea, apiToken: "canary-emea-2" }, saas] };

/** One after the other, each on what the one before has left. */
export const changes: readonly Change[] = [
  {
    what: "one more column",
    edit(copy) {
      const stream = "kql/sentinelone/streams/threats";
      const column = '{ "name": "Tried", "type": "string", "description": "A column more." }';
      copy.replace(`${stream}/stream.json`, '"columns": [', `"columns": [ ${column},`);
      copy.replace(`${stream}/transform.kql`, "ContainerInfo =", "Tried = tostring(r.id),\n    ContainerInfo =");
    },
    steps: [
      "replace connector-content-sentinelone-threats-latest",
      "update connector-known",
      "update connector-streams-sentinelone-events-dcr",
      "update connector-streams-sentinelone-threats-table",
    ],
    foreseen: ["update connector-code", "update connector-collector-func"],
  },
  { what: "a rotated token", settings: rotated, steps: ["update connector-vault-emea"] },
  {
    what: "one rule's severity",
    edit: (copy) =>
      copy.replace("kql/health/rules/permission-lost/rule.json", '"severity": "High"', '"severity": "Low"'),
    steps: ["update connector-rules-health-permission-lost"],
  },
  {
    what: "the worker's code",
    edit: (copy) => copy.replace("function-code/host.json", "{", '{ "$comment": "tried", '),
    steps: ["update connector-code"],
    publications: 1,
  },
  {
    what: "the plan's memory",
    settings: { ...rotated, instanceMemoryMb: 2048 },
    steps: ["update connector-collector-func"],
    foreseen: ["update connector-code"],
  },
  {
    what: "another app under the same name",
    edit: (copy) =>
      copy.replace(
        "components/collector.ts",
        "dependsOn: [...storage.ready",
        'replaceOnChanges: ["*"], deleteBeforeReplace: true, dependsOn: [...storage.ready',
      ),
    settings: { ...rotated, instanceMemoryMb: 4096 },
    steps: ["replace connector-code", "replace connector-collector-func"],
    publications: 1,
  },
  {
    what: "another container under the same name",
    edit: (copy) =>
      copy.replace("components/storage.ts", 'kind: "StorageV2",', 'kind: "StorageV2", isHnsEnabled: true,'),
    steps: [
      "replace connector-code",
      "replace connector-collector-func",
      "replace connector-storage-blobs",
      "replace connector-storage-checkpoints",
      "replace connector-storage-ledger",
      "replace connector-storage-objects",
      "replace connector-storage-package",
      "replace connector-storage-queue",
      "replace connector-storage-queues",
      "replace connector-storage-st",
      "replace connector-storage-tables",
      "replace connector-storage-windows",
    ],
    foreseen: ["update connector-alerts-queue"],
    publications: 1,
  },
];
