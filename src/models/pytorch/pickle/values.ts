/** A Python object that is more than data to the pickle machine: it may take a state (`BUILD`). */
export abstract class PythonObject {
  /** What the object is, for a message. */
  abstract describe(): string;

  /** Takes the state a `BUILD` gives; false where the object has none to take. */
  takeState(_state: PythonValue): boolean {
    return false;
  }
}

export class PythonTuple {
  constructor(readonly items: readonly PythonValue[]) {}
}

/** `dict`, `collections.OrderedDict` and `collections.Counter`: insertion order, keys by value for strings and numbers. */
export class PythonDict {
  readonly entries = new Map<PythonValue, PythonValue>();
}

/** How many items a call copies, so that a small pickle cannot ask for much work. */
export type Spend = (items: number) => void;

/** A global the reader knows. Without `call` it is inert data, such as a storage class or a dtype. */
export class PickleGlobal extends PythonObject {
  constructor(
    readonly module: string,
    readonly name: string,
    readonly call?: (parameters: readonly PythonValue[], spend: Spend) => PythonValue,
  ) {
    super();
  }

  describe(): string {
    return `${this.module}.${this.name}`;
  }
}

/** A value that was understood to be harmless and not read further, such as a NumPy date. */
export class OpaqueValue extends PythonObject {
  constructor(private readonly what: string) {
    super();
  }

  describe(): string {
    return this.what;
  }
}

/** An `int` beyond 2^53 is a bigint; a list is an array; `None` is null. */
export type PythonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PythonValue[]
  | Set<PythonValue>
  | PythonTuple
  | PythonDict
  | PythonObject;

export function describeValue(value: PythonValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (value instanceof PythonObject) return value.describe();
  if (value instanceof PythonDict) return 'a dict';
  if (value instanceof PythonTuple) return 'a tuple';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Set) return 'a set';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 60)}...` : value}'`;
  return String(value);
}
