import type { Tensor } from '../checkpoint.js';
import { elementTypes, widenToFloat32, type ElementType } from '../element-type.js';
import { corruptCheckpoint, notACheckpoint, truncatedCheckpoint, unsupportedTensor } from '../refusals.js';
import { readOwnDescription } from '../own-description.js';
import type { StoredModel } from '../stored-model.js';
import { duplicateKey } from './json-keys.js';
import { DESCRIPTION } from './weights-hash.js';

const LENGTH_BYTES = 8;
const LONGEST_HEADER = 100_000_000;

/** safetensors' names of the element types. */
const typeNames: ReadonlyMap<string, string> = new Map([
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['F64', 'float64'],
  ['BOOL', 'bool'],
  ['U8', 'uint8'],
  ['I8', 'int8'],
  ['U16', 'uint16'],
  ['I16', 'int16'],
  ['U32', 'uint32'],
  ['I32', 'int32'],
  ['U64', 'uint64'],
  ['I64', 'int64'],
  ['C64', 'complex64'],
  ['F8_E4M3', 'float8_e4m3fn'],
  ['F8_E5M2', 'float8_e5m2'],
]);

/** True where the bytes begin as safetensors: a header length, then `{`. */
export function looksLikeSafetensors(bytes: Uint8Array): boolean {
  return bytes.byteLength > LENGTH_BYTES && bytes[LENGTH_BYTES] === 0x7b && headerLength(bytes) <= LONGEST_HEADER;
}

interface StoredTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Weights of a safetensors file (8 bytes of header length, JSON header, numbers), strictly: every byte belongs to one
 * tensor, every shape to its bytes, no key stands twice. Where crpbot wrote the file, its manifest comes with them.
 * @throws InputError `truncated-checkpoint`, `corrupt-checkpoint`, `unsupported-tensor`, `not-a-checkpoint`.
 */
export function readSafetensors(bytes: Uint8Array, file: string): StoredModel {
  if (bytes.byteLength < LENGTH_BYTES) throw truncatedCheckpoint(file, `it should begin with ${LENGTH_BYTES} bytes and has ${bytes.byteLength}`);
  const length = headerLength(bytes);
  if (LENGTH_BYTES + length > bytes.byteLength) {
    throw truncatedCheckpoint(file, `its header should have ${length} bytes and the file ends after ${bytes.byteLength - LENGTH_BYTES}`);
  }
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length), file);
  const content = bytes.subarray(LENGTH_BYTES + length);
  const tensors = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => storedTensor(name, entry, file));
  checkLayout(tensors, content.byteLength, file);

  const weights = new Map<string, Tensor>();
  const otherTensors = new Map<string, string>();
  for (const { name, type, shape, begin, end } of tensors) {
    if (type.kind === 'integer') otherTensors.set(name, type.name);
    else if (type.kind !== 'float') throw unsupportedTensor(file, name, `its elements are ${type.name}`);
    else weights.set(name, { shape, data: widenToFloat32(content.subarray(begin, end), { ...type, kind: 'float' }, 0, (end - begin) / type.size) });
  }
  const description = ownDescription(header, file);
  if (description === undefined) return { weights, otherTensors, manifest: {}, assumed: rounded(tensors) };
  return { weights, otherTensors, ...readOwnDescription(description, weights, file) };
}

function headerLength(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true));
}

function parseHeader(bytes: Uint8Array, file: string): Record<string, unknown> {
  let header: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw corruptCheckpoint(file, 'its safetensors header is not JSON', cause);
  }
  if (typeof header !== 'object' || header === null) throw notACheckpoint(file, 'its safetensors header is not an object');
  const twice = duplicateKey(text);
  if (twice !== undefined) throw corruptCheckpoint(file, `${twice} stands twice in its header`);
  return header as Record<string, unknown>;
}

function storedTensor(name: string, entry: unknown, file: string): StoredTensor {
  const { dtype, shape, data_offsets: offsets } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
    throw corruptCheckpoint(file, `its header does not say dtype, shape and data_offsets of tensor ${name}`);
  }
  const type = elementTypes.get(typeNames.get(dtype) ?? '');
  if (type === undefined) throw unsupportedTensor(file, name, `its elements are ${dtype}`);
  const [begin, end] = offsets as [number, number];
  const bytes = shape.reduce((product, size) => product * size, type.size);
  if (end < begin || end - begin !== bytes) {
    throw corruptCheckpoint(file, `tensor ${name} [${shape.join(', ')}] of ${dtype} needs ${bytes} bytes and has ${end - begin}`);
  }
  return { name, type, shape, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);
}

/** The tensors lie one behind the other, from the first byte to the last. */
function checkLayout(tensors: readonly StoredTensor[], length: number, file: string): void {
  let position = 0;
  for (const { name, begin, end } of [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== position) {
      throw corruptCheckpoint(file, `tensor ${name} starts at byte ${begin}, where the one before ends at ${position}`);
    }
    position = end;
  }
  if (position > length) throw truncatedCheckpoint(file, `its tensors need ${position} bytes and the file has ${length}`);
  if (position < length) throw corruptCheckpoint(file, `${length - position} bytes follow its last tensor`);
}

function ownDescription(header: Record<string, unknown>, file: string): string | undefined {
  const metadata = header['__metadata__'];
  if (metadata === undefined) return undefined;
  if (typeof metadata !== 'object' || metadata === null || Object.values(metadata).some((value) => typeof value !== 'string')) {
    throw corruptCheckpoint(file, '__metadata__ is not an object of texts');
  }
  return (metadata as Record<string, string>)[DESCRIPTION];
}

function rounded(tensors: readonly StoredTensor[]): string[] {
  const wide = tensors.filter(({ type }) => type.name === 'float64').length;
  return wide === 0 ? [] : [`float64 weights rounded to float32 (${wide} of ${tensors.length} tensors)`];
}
