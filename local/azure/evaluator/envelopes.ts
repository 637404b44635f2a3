import { differences, isRecord } from "../resource-manager/differences.ts";
import type { Properties } from "../resource-manager/provider.ts";

/** Marks of the Pulumi wire format, from sdk/go/common/resource/properties.go. */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const resourceSignature = "5cf8f73096256a8f31e491e813e4eb8e";

/** Stands for a value that is not known yet. */
export const unknownMark = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The engine has a mark for each kind of value; which kind it will be matters to nobody here. */
const unknownMarks: ReadonlySet<unknown> = new Set([
  unknownMark,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Plain properties, and the paths in them that were secret or are not known. */
export interface Decoded {
  readonly value: Properties;
  readonly secretPaths: readonly string[];
  readonly unknownPaths: readonly string[];
}

/** Takes a wire struct out of its envelopes. Nulls are left out, as the engine does; what is not known is `unknownMark`. */
export function decode(struct: Properties): Decoded {
  const secretPaths: string[] = [];
  const unknownPaths: string[] = [];

  const plain = (value: unknown, path: string): unknown => {
    if (unknownMarks.has(value)) {
      unknownPaths.push(path);
      return unknownMark;
    }
    if (Array.isArray(value)) return value.map((item, index) => plain(item, `${path}[${index}]`));
    if (!isRecord(value)) return value ?? undefined;
    switch (value[signature]) {
      case undefined:
        return plainProperties(value, path);
      case secretSignature:
        secretPaths.push(path);
        return plain(value["value"], path);
      case outputSignature:
        if (value["secret"] === true) secretPaths.push(path);
        return plain("value" in value ? value["value"] : unknownMark, path);
      case resourceSignature:
        return plain(value["id"] ?? value["urn"], path);
      default:
        throw new Error(`${path}: assets and archives are not supported by the local Azure.`);
    }
  };

  const plainProperties = (properties: Properties, path: string): Properties => {
    const entries = Object.entries(properties).map(([name, value]) => [
      name,
      plain(value, path === "" ? name : `${path}.${name}`),
    ]);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Properties;
  };

  return { value: plainProperties(struct, ""), secretPaths, unknownPaths };
}

/** Puts the named top-level properties into secret envelopes. */
export function encode(value: Properties, secrets: readonly string[]): Properties {
  const entries = Object.entries(value).map(([name, property]) => [
    name,
    secrets.includes(name) ? { [signature]: secretSignature, value: property ?? null } : property,
  ]);
  return Object.fromEntries(entries) as Properties;
}

/** Like `encode`, but what is still as it was sent keeps the very envelopes that it came in. */
export function encodeAgain(sent: Properties, value: Properties, secrets: readonly string[]): Properties {
  const before = decode(sent).value;
  const isAsSent = (name: string) =>
    before[name] !== undefined && differences({ [name]: before[name] }, { [name]: value[name] }).length === 0;
  const encoded = Object.entries(encode(value, secrets));
  return Object.fromEntries(encoded.map(([name, property]) => [name, isAsSent(name) ? sent[name] : property]));
}

/** Top-level property that a path begins with: `properties.value` → `properties`. */
export const topLevel = (path: string): string => /^[^.[]*/.exec(path)?.[0] ?? path;
