// The runtime under Microsoft's library, which was translated from C#. A third of the time of binding goes into its type tests and its
// access to lists, which work out again at each call what follows from the classes. No semantics change here: what has no short way takes
// the runtime's own. What is named here is no declared API, and is known to this file alone.

/** A class as the runtime keeps it. */
interface Type {
  readonly $kind?: string;
  /** A test of its own, which may look at the value. */
  readonly $is?: unknown;
  readonly $literal?: boolean;
  readonly $isArrayEnumerator?: boolean;
}
interface Instance {
  readonly constructor?: Type;
  /** True for a value type that is treated as an object. */
  readonly $boxed?: boolean;
}
type List = Readonly<Record<string, unknown>>;

/** The parts of the runtime that are changed: all of them are called for each node of each tree. */
export interface Runtime {
  readonly Bridge: {
    is(value: unknown, type: Type, ignoreTest?: boolean, allowNull?: boolean): boolean;
    ref(holder: object, name: unknown): { v: unknown };
    getTypeAlias(type: object): string;
  };
  readonly System: {
    readonly Array: {
      getCount(list: object, type?: object): number;
      getItem(list: object, index: number, type?: object): unknown;
    };
  };
}

export function hastenRuntime({ Bridge, System }: Runtime): void {
  rememberTypeTests(Bridge);
  rememberListMembers(Bridge, System.Array);
  referToMembersByClass(Bridge);
}

/** Whether an object is of a type follows from its class, unless the type has a test of its own. */
function rememberTypeTests(bridge: Runtime["Bridge"]): void {
  const original = bridge.is.bind(bridge);
  const known = new Map<Type, Map<Type, boolean> | undefined>();
  const answersOf = (type: Type) => {
    if (known.has(type)) return known.get(type);
    const follows = type.$kind !== undefined && !type.$is && !type.$literal;
    const answers = follows ? new Map<Type, boolean>() : undefined;
    known.set(type, answers);
    return answers;
  };
  bridge.is = (value, type, ignoreTest, allowNull) => {
    if (typeof value !== "object" || value === null) return original(value, type, ignoreTest, allowNull);
    const answers = answersOf(type);
    const { constructor: of } = value as Instance;
    if (of === undefined || answers === undefined) return original(value, type, ignoreTest, allowNull);
    const answer = answers.get(of);
    if (answer !== undefined) return answer;
    const found = original(value, type, ignoreTest, allowNull);
    if (of.$kind !== undefined && !(value as Instance).$boxed && !of.$isArrayEnumerator) answers.set(of, found);
    return found;
  };
}

/** A list's members carry the type of its elements in their names, which the runtime puts together at each call. */
function rememberListMembers(bridge: Runtime["Bridge"], array: Runtime["System"]["Array"]): void {
  const namesOf = memberNames(bridge);
  const getCount = array.getCount.bind(array);
  array.getCount = (list, type) => {
    if (Array.isArray(list)) return list.length;
    if (type === undefined || (list as List)["System$Collections$ICollection$getCount"]) return getCount(list, type);
    const { count, countMethod } = namesOf(type);
    const found = (list as List)[countMethod] ? undefined : (list as List)[count];
    return found === undefined ? getCount(list, type) : (found as number);
  };
  const getItem = array.getItem.bind(array);
  array.getItem = (list, index, type) => {
    if (type === undefined) return getItem(list, index, type);
    if (Array.isArray(list)) return list[index] as unknown;
    const { item } = namesOf(type);
    return typeof (list as List)[item] === "function"
      ? (list as Record<string, (at: number) => unknown>)[item]?.(index)
      : getItem(list, index, type);
  };
}

interface MemberNames {
  readonly count: string;
  readonly countMethod: string;
  readonly item: string;
}

function memberNames(bridge: Runtime["Bridge"]): (type: object) => MemberNames {
  const known = new Map<object, MemberNames>();
  return (type) => {
    const found = known.get(type);
    if (found !== undefined) return found;
    const alias = bridge.getTypeAlias(type);
    const collection = `System$Collections$Generic$ICollection$1$${alias}`;
    const names = {
      count: `${collection}$Count`,
      countMethod: `${collection}$getCount`,
      item: `System$Collections$Generic$IList$1$${alias}$getItem`,
    };
    known.set(type, names);
    return names;
  };
}

/** Stands for a member that a method is to change. The runtime defines a property on an object of its own for each. */
class Reference {
  readonly #holder: Record<PropertyKey, unknown>;
  readonly #name: PropertyKey;

  constructor(holder: object, name: PropertyKey) {
    this.#holder = holder as Record<PropertyKey, unknown>;
    this.#name = name;
  }

  get v(): unknown {
    return this.#holder[this.#name];
  }

  set v(value: unknown) {
    this.#holder[this.#name] = value;
  }
}

function referToMembersByClass(bridge: Runtime["Bridge"]): void {
  const original = bridge.ref.bind(bridge);
  bridge.ref = (holder, name) =>
    typeof name === "string" || typeof name === "number" ? new Reference(holder, name) : original(holder, name);
}
