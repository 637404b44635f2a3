/** A stack of a project. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

export const rootStackType = "pulumi:pulumi:Stack";

/** What the URNs of a stack begin with. */
export const urnPrefix = ({ project, stack }: StackName) => `urn:pulumi:${stack}::${project}::`;

/** URN of a resource: stack, project, types from the outermost parent down, name. */
export function urnWith(
  stack: StackName,
  { parent, type, name }: { readonly parent: string; readonly type: string; readonly name: string },
): string {
  const ofParent = parent.split("::")[2] ?? "";
  const qualified = ofParent === "" || ofParent === rootStackType ? type : `${ofParent}$${type}`;
  return `${urnPrefix(stack)}${qualified}::${name}`;
}

interface Registering {
  getParent(): string;
  getType(): string;
  getName(): string;
}

/** URN of what a program registers or reads. */
export const urnOf = (stack: StackName, request: Registering): string =>
  urnWith(stack, { parent: request.getParent(), type: request.getType(), name: request.getName() });
