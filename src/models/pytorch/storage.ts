import type { ElementType } from '../element-type.js';
import { elementTypes } from '../element-type.js';
import { corruptCheckpoint } from '../refusals.js';
import { describeValue, PickleGlobal, PythonObject, PythonTuple, type PythonValue } from './pickle/values.js';

/** The numbers behind one or several tensors: named here, read later from the container. */
export class Storage extends PythonObject {
  constructor(
    readonly key: string,
    readonly type: ElementType,
    /** Elements of the whole storage as it lies in the file. */
    readonly count: number,
    /** First element of this view of it, and how many it has. */
    readonly start: number,
    readonly length: number,
  ) {
    super();
  }

  describe(): string {
    return `the ${this.type.name} storage ${this.key}`;
  }
}

/** Where a container keeps its storages. */
export interface StorageSource {
  /** Raw bytes of a storage. @throws InputError where it is missing or damaged. */
  bytes(key: string): Uint8Array;
  readonly littleEndian: boolean;
}

const storageClasses: ReadonlyMap<string, string> = new Map([
  ['FloatStorage', 'float32'],
  ['DoubleStorage', 'float64'],
  ['HalfStorage', 'float16'],
  ['BFloat16Storage', 'bfloat16'],
  ['LongStorage', 'int64'],
  ['IntStorage', 'int32'],
  ['ShortStorage', 'int16'],
  ['CharStorage', 'int8'],
  ['ByteStorage', 'uint8'],
  ['BoolStorage', 'bool'],
  ['UntypedStorage', 'uint8'],
  ['ComplexFloatStorage', 'complex64'],
  ['ComplexDoubleStorage', 'complex128'],
  ['QInt8Storage', 'qint8'],
  ['QUInt8Storage', 'quint8'],
  ['QInt32Storage', 'qint32'],
]);

/** A storage class such as `torch.FloatStorage`: inert, it only says the element type. */
export class StorageClass extends PickleGlobal {
  constructor(
    module: string,
    name: string,
    readonly type: ElementType,
  ) {
    super(module, name);
  }
}

export function storageClass(module: string, name: string): StorageClass | undefined {
  if (module !== 'torch' && module !== 'torch.storage' && module !== 'torch.cuda') return undefined;
  const type = elementTypes.get(storageClasses.get(name) ?? '');
  return type === undefined ? undefined : new StorageClass(module, name, type);
}

/**
 * The storage a persistent id names: `('storage', class, key, location, count)`, and in the old format a sixth member,
 * None or `(view key, start, length)`. The location (`cpu`, `cuda:0`) does not matter to a reader.
 */
export function storageOf(id: PythonValue, file: string): Storage {
  const items = id instanceof PythonTuple ? id.items : [];
  const [tag, type, key, , count, view] = items;
  if (tag !== 'storage' || !(type instanceof StorageClass) || typeof key !== 'string' || !isCount(count)) {
    throw corruptCheckpoint(file, `the persistent id ${items.map(describeValue).join(', ') || describeValue(id)} is not a storage`);
  }
  if (view === undefined || view === null) return new Storage(key, type.type, count, 0, count);
  const [, start, length] = view instanceof PythonTuple ? view.items : [];
  if (!isCount(start) || !isCount(length) || start + length > count) {
    throw corruptCheckpoint(file, `a view passes the end of storage ${key} of ${count} elements`);
  }
  return new Storage(key, type.type, count, start, length);
}

export function isCount(value: PythonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
