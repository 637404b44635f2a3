import { expect, test } from "vitest";
import { withoutVersionedAliases } from "../../components/current-types.ts";

const aliasesLeft = (aliases: readonly object[]) => {
  const result = withoutVersionedAliases({
    resource: {} as never,
    type: "azure-native:web:WebApp",
    name: "app",
    props: { kind: "functionapp" },
    opts: { protect: true, aliases: aliases as never },
  });
  return result instanceof Promise ? undefined : result;
};

test("types of single API versions are no longer looked for in a state, and all else is left as it is", () => {
  const renamed = { type: "azure-native:newweb:WebApp" };
  const moved = { name: "old-name" };
  expect(
    aliasesLeft([
      { type: "azure-native:web/v20230101:WebApp" },
      renamed,
      { type: "azure-native:web/v20220301preview:WebApp" },
      moved,
    ]),
  ).toEqual({ props: { kind: "functionapp" }, opts: { protect: true, aliases: [renamed, moved] } });
  expect(aliasesLeft([renamed, moved])).toBeUndefined();
});
