import { writeTextAtomically } from '../../atomic-file.js';
import type { Checkpoint, Tensor } from '../checkpoint.js';
import { descriptionToJson } from './manifest-json.js';
import { DESCRIPTION, weightsSha256 } from './weights-hash.js';

/** What a checkpoint file holds; where it was read from does not matter. */
export type CheckpointContent = Pick<Checkpoint, 'architecture' | 'weights' | 'manifest' | 'assumed'>;

const ALIGNMENT = 8;

/**
 * Our own format: safetensors (readable by every safetensors library) with architecture and manifest under `crpbot` in
 * its `__metadata__`. Tensors are float32, by name, aligned; the same content gives the same bytes.
 */
export function encodeSafetensors(content: CheckpointContent): Uint8Array {
  const { architecture, weights, manifest, assumed } = content;
  const tensors = [...weights].sort(([a], [b]) => (a < b ? -1 : 1));
  const description = descriptionToJson({ architecture, manifest, assumed, weightsSha256: weightsSha256(weights) });
  const header: [string, unknown][] = [['__metadata__', { [DESCRIPTION]: description, format: 'pt' }]];
  let position = 0;
  for (const [name, { shape, data }] of tensors) {
    header.push([name, { dtype: 'F32', shape, data_offsets: [position, position + data.byteLength] }]);
    position += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(text.byteLength / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(8 + length + position).fill(0x20, 8, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, 8);
  position = 8 + length;
  for (const [, { data }] of tensors) position = put(file, data, position);
  return file;
}

function put(file: Uint8Array, data: Tensor['data'], position: number): number {
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
  return position + data.byteLength;
}

/** @throws InputError `cannot-write`; no part of a file is left behind. */
export function writeSafetensors(path: string, content: CheckpointContent): void {
  writeTextAtomically(path, encodeSafetensors(content));
}
