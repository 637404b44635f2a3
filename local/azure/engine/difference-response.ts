import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { topLevel } from "../evaluator/envelopes.ts";
import { changesBetween, isBelow } from "../resource-manager/differences.ts";
import type { Difference, Properties } from "../resource-manager/provider.ts";

const { PropertyDiff, DiffResponse } = messages;
const kinds = {
  add: { inPlace: PropertyDiff.Kind.ADD, replacing: PropertyDiff.Kind.ADD_REPLACE },
  delete: { inPlace: PropertyDiff.Kind.DELETE, replacing: PropertyDiff.Kind.DELETE_REPLACE },
  update: { inPlace: PropertyDiff.Kind.UPDATE, replacing: PropertyDiff.Kind.UPDATE_REPLACE },
};

/** What the engine is told of a difference between inputs: each place with its kind, and the properties that it lies in. */
export function differenceResponse(
  before: Properties,
  after: Properties,
  difference?: Difference,
  ignored: readonly string[] = [],
): messages.DiffResponse {
  const response = new DiffResponse();
  const changes = changesBetween(before, after).filter(({ path }) => !isBelow(path, ignored));
  response.setChanges(changes.length > 0 ? DiffResponse.DiffChanges.DIFF_SOME : DiffResponse.DiffChanges.DIFF_NONE);
  if (changes.length === 0) return response;

  const replaces = difference?.replaces.filter((path) => !isBelow(path, ignored)) ?? [];
  for (const { path, kind } of changes) {
    const entry = new PropertyDiff();
    entry.setKind(replaces.includes(path) ? kinds[kind].replacing : kinds[kind].inPlace);
    entry.setInputdiff(true);
    response.getDetaileddiffMap().set(path, entry);
  }
  response.setHasdetaileddiff(true);
  response.setDiffsList(properties(changes.map(({ path }) => path)));
  response.setReplacesList(properties(replaces));
  response.setDeletebeforereplace(replaces.length > 0 && (difference?.deleteBeforeReplace ?? false));
  return response;
}

const properties = (paths: readonly string[]): string[] => [...new Set(paths.map(topLevel))];
