import { widenToFloat32, type ElementType } from '../element-type.js';
import type { Tensor } from '../checkpoint.js';
import { corruptCheckpoint, unsupportedTensor } from '../refusals.js';
import { PythonDict, PythonObject, PythonTuple, describeValue, type PythonValue } from './pickle/values.js';
import { isCount, Storage, type StorageSource } from './storage.js';

const MOST_DIMENSIONS = 16;

/** A tensor as the pickle describes it: a strided window on a storage whose numbers are not read yet. */
export class TensorReference extends PythonObject {
  constructor(
    readonly storage: Storage,
    readonly type: ElementType,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly stride: readonly number[],
  ) {
    super();
  }

  get elements(): number {
    return this.shape.reduce((product, size) => product * size, 1);
  }

  describe(): string {
    return `a ${this.type.name} tensor [${this.shape.join(', ')}]`;
  }
}

/**
 * `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, metadata)`, checked against its storage.
 * @param type where the call names one (`_rebuild_tensor_v3`); else the storage's.
 */
export function rebuildTensor(parameters: readonly PythonValue[], file: string, type?: ElementType): TensorReference {
  const [storage, offset, size, stride] = parameters;
  const shape = sizes(size);
  const steps = sizes(stride);
  if (!(storage instanceof Storage) || !isCount(offset) || shape === undefined || steps?.length !== shape.length) {
    throw corruptCheckpoint(file, `a tensor is rebuilt from ${parameters.slice(0, 4).map(describeValue).join(', ')}`);
  }
  const tensor = new TensorReference(storage, type ?? storage.type, offset, shape, steps);
  const elements = tensor.elements;
  const available = Math.floor((storage.length * storage.type.size) / tensor.type.size);
  const last = offset + shape.reduce((sum, length, axis) => sum + (length - 1) * (steps[axis]), 0);
  if (!Number.isSafeInteger(elements) || (elements > 0 && last >= available)) {
    throw corruptCheckpoint(
      file,
      `${tensor.describe()} at offset ${offset} with strides [${steps.join(', ')}] passes the end of storage ${storage.key}, which has ${available} elements`,
    );
  }
  return tensor;
}

/** PyTorch marks lazily negated or conjugated tensors in the seventh parameter: reading them plainly would be wrong. */
export function refuseLazyBits(metadata: PythonValue | undefined, file: string): void {
  if (metadata instanceof PythonDict && [...metadata.entries.values()].some((bit) => bit === true)) {
    throw unsupportedTensor(file, undefined, 'a tensor is stored lazily negated or conjugated');
  }
}

function sizes(value: PythonValue | undefined): number[] | undefined {
  const items = value instanceof PythonTuple ? value.items : Array.isArray(value) ? value : undefined;
  if (items === undefined || items.length > MOST_DIMENSIONS) return undefined;
  const numbers = items.filter(isCount);
  return numbers.length === items.length ? numbers : undefined;
}

/**
 * The numbers of a float tensor, row-major whatever its strides, widened or rounded to float32.
 * @throws InputError `unsupported-tensor` for integer, complex, quantized and float8 elements; `corrupt-checkpoint`
 * where the storage is not as long as the pickle says.
 */
export function readTensor(tensor: TensorReference, source: StorageSource, file: string, name: string): Tensor {
  const { storage, type, shape, stride } = tensor;
  if (!isFloat(type)) throw unsupportedTensor(file, name, `its elements are ${type.name}`);
  const bytes = source.bytes(storage.key);
  if (bytes.byteLength !== storage.count * storage.type.size) {
    throw corruptCheckpoint(
      file,
      `storage ${storage.key} of tensor ${name} should hold ${storage.count} x ${storage.type.size} bytes and holds ${bytes.byteLength}`,
    );
  }
  const window = bytes.subarray(storage.start * storage.type.size);
  if (isRowMajor(shape, stride)) {
    return { shape, data: widenToFloat32(window, type, tensor.offset, tensor.elements, source.littleEndian) };
  }
  return { shape, data: gather(tensor, window, type, source.littleEndian) };
}

export function isFloat(type: ElementType): type is ElementType & { readonly kind: 'float' } {
  return type.kind === 'float';
}

function isRowMajor(shape: readonly number[], stride: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis];
    if (length !== 1 && stride[axis] !== step) return false;
    step *= length;
  }
  return true;
}

/** Walks the strides, last axis fastest. */
function gather(
  tensor: TensorReference,
  bytes: Uint8Array,
  type: ElementType & { readonly kind: 'float' },
  littleEndian: boolean,
): Float32Array {
  const { shape, stride } = tensor;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = type.read as NonNullable<ElementType['read']>;
  const data = new Float32Array(tensor.elements);
  const index = shape.map(() => 0);
  let element = tensor.offset;
  for (let i = 0; i < data.length; i++) {
    data[i] = read(view, element * type.size, littleEndian);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis]) + 1;
      element += stride[axis];
      if ((index[axis]) < (shape[axis])) break;
      element -= (shape[axis]) * (stride[axis]);
      index[axis] = 0;
    }
  }
  return data;
}
