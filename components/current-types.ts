import type * as pulumi from "@pulumi/pulumi";

/** A type of azure-native's that names a version of Azure's API, `azure-native:web/v20230101:WebApp`: what its releases before 3 wrote into states. */
const versionedType = /^azure-native:[^:]+\/v\d{8}[^:]*:/;

/**
 * Takes the aliases of such types from a component's children. azure-native gives some resources fifty of them, the SDK makes promises of each, and
 * for hundreds of resources that is two thirds of a preview's time. No state of this program can hold such a type: it began with release 3.
 */
export const withoutVersionedAliases: pulumi.ResourceTransformation = ({ props, opts }) => {
  const aliases = opts.aliases?.filter(
    (alias) => !(isAlias(alias) && typeof alias.type === "string" && versionedType.test(alias.type)),
  );
  return aliases?.length === opts.aliases?.length ? undefined : { props, opts: { ...opts, aliases: aliases ?? [] } };
};

function isAlias(alias: pulumi.Input<pulumi.URN | pulumi.Alias>): alias is pulumi.Alias {
  return typeof alias === "object" && "type" in alias;
}
