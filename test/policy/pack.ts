import { PolicyPack, type ResourceValidationPolicy, type StackValidationPolicy } from "@pulumi/policy";
import type { Rule } from "./resource.ts";
import * as rules from "./rules.ts";

const { rulesTellErrors, ...ofResources } = rules;

const descriptions: Readonly<Record<keyof typeof ofResources, string>> = {
  requiredTags: "Every resource that takes tags has application and stack.",
  tls12: "Storage and worker speak TLS 1.2 or newer, and nothing else.",
  noSharedKeys: "Storage, vault, workspace and telemetry know identities only, no keys.",
  noPublicBlobs: "No blob can be read without an identity.",
  noSecretInAppSettings: "No app setting holds a secret.",
  rolesFromList: "Only the few roles of data planes are given; to people only those of operators.",
  rolesOnOneResource: "Every role holds for a single resource.",
  retentionBounds: "Rows stay queryable for 30 to 730 days, and are kept for 4383 at most.",
  purgeProtection: "The vault of a production stack cannot be purged.",
};

/** `noSharedKeys` → `no-shared-keys`. */
const kebab = (name: string) => name.replace(/[A-Z]|\d+/g, (part) => `-${part.toLowerCase()}`);

const ofOne = (name: string, rule: Rule, description: string): ResourceValidationPolicy => ({
  name: kebab(name),
  description,
  enforcementLevel: "mandatory",
  validateResource({ type, props }, report) {
    for (const violation of rule({ type, props })) report(violation);
  },
});

const ofAll: StackValidationPolicy = {
  name: kebab("rulesTellErrors"),
  description: "Every data collection rule records what it could not store.",
  enforcementLevel: "mandatory",
  validateStack({ resources }, report) {
    const seen = resources.map(({ urn, type, props, dependencies }) => ({
      key: urn,
      type,
      props,
      dependencies: dependencies.map((dependency) => dependency.urn),
    }));
    for (const [urn, violation] of rulesTellErrors(seen)) report(violation, urn);
  },
};

new PolicyPack("sentinelone-valence-connector", {
  policies: [
    ...Object.entries(ofResources).map(([name, rule]) =>
      ofOne(name, rule, descriptions[name as keyof typeof ofResources]),
    ),
    ofAll,
  ],
});
