import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBScalarFunction,
  type DuckDBType,
  INTEGER,
  VARCHAR,
} from "@duckdb/node-api";

interface ValueTypes {
  text: string;
  long: bigint;
  int: number;
  real: number;
  bool: boolean;
}
type TypeName = keyof ValueTypes;

const types: Readonly<Record<TypeName, DuckDBType>> = {
  text: VARCHAR,
  long: BIGINT,
  int: INTEGER,
  real: DOUBLE,
  bool: BOOLEAN,
};

/** A function that DuckDB lacks, in TypeScript. It must not throw: an error in it would end the query. */
export interface NativeFunction {
  readonly parameters: readonly TypeName[];
  readonly returns: TypeName;
  /** True if null arguments reach it; otherwise a null argument makes the result null. */
  readonly seesNull: boolean;
  readonly call: (...values: readonly unknown[]) => string | bigint | number | boolean | null;
}

type Values<P extends readonly TypeName[]> = { [I in keyof P]: ValueTypes[P[I]] };
type Nullable<P extends readonly TypeName[]> = { [I in keyof P]: ValueTypes[P[I]] | null };

/** Any null argument makes the result null. */
export function native<const P extends readonly TypeName[], R extends TypeName>(
  parameters: P,
  returns: R,
  call: (...values: Values<P>) => ValueTypes[R] | null,
): NativeFunction {
  return { parameters, returns, seesNull: false, call: call as NativeFunction["call"] };
}

/** Null arguments reach the function. */
export function nativeOfNull<const P extends readonly TypeName[], R extends TypeName>(
  parameters: P,
  returns: R,
  call: (...values: Nullable<P>) => ValueTypes[R] | null,
): NativeFunction {
  return { parameters, returns, seesNull: true, call: call as NativeFunction["call"] };
}

/** Makes a function known to all connections of the instance. Registering it again replaces it. */
export function register(
  connection: DuckDBConnection,
  name: string,
  { parameters, returns, seesNull, call }: NativeFunction,
): void {
  const scalar = DuckDBScalarFunction.create({
    name,
    parameterTypes: parameters.map((type) => types[type]),
    returnType: types[returns],
    specialHandling: true,
    mainFunction: (_info, input, output) => {
      const vectors = parameters.map((_, index) => input.getColumnVector(index));
      for (let row = 0; row < input.rowCount; row += 1) {
        const values = vectors.map((vector) => vector.getItem(row) as unknown);
        output.setItem(row, !seesNull && values.includes(null) ? null : call(...values));
      }
      output.flush();
    },
  });
  connection.registerScalarFunction(scalar);
}
