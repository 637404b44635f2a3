import type { LocalCloud } from "../../cloud.ts";
import { defineType, echo } from "../define-type.ts";
import { isWithin, nameOf } from "../resource-id.ts";
import { AzureError, type ResourceId } from "../resource-type.ts";
import { failIf, mustBeOneOf, mustMatch } from "../rules.ts";

type LockInputs = { scope: string; lockName: string; level: string; notes?: string };

export const managementLock = defineType<LockInputs>({
  type: "azure-native:authorization:ManagementLockByScope",
  replaceOn: ["scope", "lockName"],
  autoname: { property: "lockName", as: "random" },
  id: ({ scope, lockName }) => `${scope.replace(/\/+$/, "")}/providers/Microsoft.Authorization/locks/${lockName}`,
  check: ({ lockName, level, notes }) => [
    // Naming rules and restrictions for Azure resources, Microsoft.Authorization locks
    ...mustMatch(
      "lockName",
      lockName,
      /^[\w().-]{0,89}[\w()-]$/,
      "1 to 90 letters, digits, _ - . and parentheses, no dot at the end",
    ),
    ...mustBeOneOf("level", level, ["CanNotDelete", "ReadOnly"]),
    // REST reference, management locks
    ...failIf((notes ?? "").length > 512, "notes", "longer than 512 characters"),
  ],
  put: (id, inputs) => Promise.resolve(echo(id, inputs, ["scope", "lockName"])),
});

/**
 * Azure Resource Manager docs, lock-resources: a lock holds for everything below its scope, children that are deleted and made anew included,
 * and a scope with a locked resource in it cannot be deleted.
 */
export function requireUnlocked(id: ResourceId, cloud: LocalCloud): void {
  if (/\/providers\/Microsoft\.Authorization\/locks\/[^/]+$/i.test(id)) return;
  const lock = cloud.state.list(managementLock.type).find(({ inputs }) => {
    const scope = String(inputs["scope"]);
    return isWithin(id, scope) || isWithin(scope, id);
  });
  if (!lock) return;
  throw new AzureError(
    409,
    "ScopeLocked",
    `The scope '${id}' cannot perform delete operation because following scope(s) are locked: '${String(lock.inputs["scope"])}' ` +
      `(lock ${nameOf(lock.id)}). Please remove the lock and try again.`,
  );
}
