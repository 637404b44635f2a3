import type { Operator } from "../components/operators.ts";
import { type Fields, isRecord } from "./fields.ts";

const rule =
  "a list of objects { principalId: <object id, a GUID>, principalType: User, Group or ServicePrincipal }, each principal once";

/** Reads who looks after the connector. */
export function parseOperators(config: Fields): readonly Operator[] {
  const list = config.list("operators", rule) ?? [];
  const operators = list
    .filter(isOperator)
    .map(({ principalId, principalType }) => Object.freeze({ principalId: principalId.toLowerCase(), principalType }));
  const once = new Set(operators.map(({ principalId }) => principalId)).size === list.length;
  if (!once) config.refuse("operators", rule);
  return Object.freeze(once ? operators : []);
}

function isOperator(item: unknown): item is Operator {
  if (!isRecord(item)) return false;
  const { principalId, principalType, ...others } = item;
  return (
    Object.keys(others).length === 0 &&
    typeof principalId === "string" &&
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(principalId) &&
    (principalType === "User" || principalType === "Group" || principalType === "ServicePrincipal")
  );
}
