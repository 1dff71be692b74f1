/** How one number of a stored tensor is encoded. */
export interface ElementType {
  /** PyTorch's name: `float32`. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Only `float` weights are read; the rest is known so that a message can name it. */
  readonly kind: 'float' | 'integer' | 'complex' | 'quantized' | 'float8';
  /** Present for `float`. */
  readonly read?: (view: DataView, byte: number, littleEndian: boolean) => number;
}

/** IEEE 754 binary16 to a number. */
export function widenHalf(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const bfloatBits = new Uint32Array(1);
const bfloatValue = new Float32Array(bfloatBits.buffer);

/** bfloat16 is the upper half of a float32. */
export function widenBfloat(bits: number): number {
  bfloatBits[0] = bits << 16;
  return bfloatValue[0];
}

const integer = (name: string, size: number): ElementType => ({ name, size, kind: 'integer' });

export const FLOAT32: ElementType = {
  name: 'float32',
  size: 4,
  kind: 'float',
  read: (view, byte, littleEndian) => view.getFloat32(byte, littleEndian),
};

const types: readonly ElementType[] = [
  FLOAT32,
  { name: 'float64', size: 8, kind: 'float', read: (view, byte, littleEndian) => view.getFloat64(byte, littleEndian) },
  { name: 'float16', size: 2, kind: 'float', read: (view, byte, littleEndian) => widenHalf(view.getUint16(byte, littleEndian)) },
  { name: 'bfloat16', size: 2, kind: 'float', read: (view, byte, littleEndian) => widenBfloat(view.getUint16(byte, littleEndian)) },
  integer('bool', 1),
  integer('uint8', 1),
  integer('int8', 1),
  integer('uint16', 2),
  integer('int16', 2),
  integer('uint32', 4),
  integer('int32', 4),
  integer('uint64', 8),
  integer('int64', 8),
  { name: 'complex32', size: 4, kind: 'complex' },
  { name: 'complex64', size: 8, kind: 'complex' },
  { name: 'complex128', size: 16, kind: 'complex' },
  { name: 'qint8', size: 1, kind: 'quantized' },
  { name: 'quint8', size: 1, kind: 'quantized' },
  { name: 'qint32', size: 4, kind: 'quantized' },
  { name: 'float8_e4m3fn', size: 1, kind: 'float8' },
  { name: 'float8_e5m2', size: 1, kind: 'float8' },
];

export const elementTypes: ReadonlyMap<string, ElementType> = new Map(types.map((type) => [type.name, type]));

/** `count` numbers from `start` (an element, not a byte), rounded to float32. */
export function widenToFloat32(
  bytes: Uint8Array,
  type: ElementType & { readonly kind: 'float' },
  start: number,
  count: number,
  littleEndian = true,
): Float32Array {
  const first = start * type.size;
  if (type === FLOAT32 && littleEndian) {
    // A copy: the values must be aligned, and must not keep a whole file in memory.
    const copy = new Float32Array(count);
    new Uint8Array(copy.buffer).set(bytes.subarray(first, first + 4 * count));
    return copy;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = type.read as NonNullable<ElementType['read']>;
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = read(view, first + i * type.size, littleEndian);
  return values;
}
