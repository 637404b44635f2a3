import type { Alias } from "@pulumi/pulumi/proto/alias_pb.js";
import type resources from "@pulumi/pulumi/proto/resource_pb.js";
import { type StackName, urnWith } from "./urn.ts";

/** URNs under which a resource may be known from before: it was called, typed or placed otherwise then. */
export function aliasUrns(stack: StackName, request: resources.RegisterResourceRequest): string[] {
  return [...request.getAliasurnsList(), ...request.getAliasesList().map((alias) => aliasUrn(stack, request, alias))];
}

function aliasUrn(stack: StackName, request: resources.RegisterResourceRequest, alias: Alias): string {
  const spec = alias.getSpec();
  if (!spec) return alias.getUrn();
  return urnWith(
    { project: spec.getProject() || stack.project, stack: spec.getStack() || stack.stack },
    {
      parent: spec.getNoparent() ? "" : spec.getParenturn() || request.getParent(),
      type: spec.getType() || request.getType(),
      name: spec.getName() || request.getName(),
    },
  );
}
