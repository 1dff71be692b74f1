import { zipSync } from 'fflate';
import { writeTextAtomically } from '../../atomic-file.js';
import type { Architecture } from '../architecture.js';
import type { Manifest, Tensor } from '../checkpoint.js';
import { POSITIONS, sinusoids } from '../positions.js';
import { descriptionToJson } from '../safetensors/manifest-json.js';
import { DESCRIPTION, weightsSha256 } from '../safetensors/weights-hash.js';
import type { CheckpointContent } from '../safetensors/write-safetensors.js';
import { writePickle, type Picklable } from './pickle/write-pickle.js';

/** Positions in the buffer that the original's Transformer registers, and `load_state_dict` insists on. */
const POSITION_ROWS = 500;

/** Folder inside the archive, as `torch.save` names it for an unnamed file. */
const ROOT = 'archive';
/** A zip entry must have a date, and the same content must give the same bytes. */
const NO_DATE = new Date(1980, 0, 1);

/**
 * A checkpoint as `torch.save` writes it since PyTorch 1.6: `{model_state_dict, model_class, metadata, crpbot}`, which
 * `torch.load(path, weights_only=True)` reads and the original's classes load. Architecture and manifest stand as JSON
 * under `crpbot`; the same content gives the same bytes.
 */
export function encodePytorch({ architecture, weights, manifest, assumed }: CheckpointContent): Uint8Array {
  const tensors = [...weights];
  if (architecture.kind === 'transformer' && !weights.has(POSITIONS)) {
    const rows = Math.max(POSITION_ROWS, manifest.windowLength ?? 0);
    tensors.push([POSITIONS, { shape: [rows, 1, architecture.modelSize], data: sinusoids(rows, architecture.modelSize) }]);
  }
  const root: Picklable = {
    dict: [
      ['model_state_dict', ordered(tensors.map(([name, tensor], key) => [name, tensorCall(tensor, key)]))],
      ['model_class', modelClass(architecture)],
      ['metadata', { dict: metadata(manifest) }],
      [DESCRIPTION, descriptionToJson({ architecture, manifest, assumed, weightsSha256: weightsSha256(new Map(tensors)) })],
    ],
  };
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const entries: [string, Uint8Array][] = [
    ['data.pkl', writePickle(root)],
    ['.format_version', text('1')],
    ['byteorder', text('little')],
    ...tensors.map(([, { data }], key): [string, Uint8Array] => [`data/${key}`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]),
    ['version', text('3\n')],
  ];
  return zipSync(Object.fromEntries(entries.map(([name, bytes]) => [`${ROOT}/${name}`, bytes])), { level: 0, mtime: NO_DATE });
}

/** @throws InputError `cannot-write`; no part of a file is left behind. */
export function writePytorch(path: string, content: CheckpointContent): void {
  writeTextAtomically(path, encodePytorch(content));
}

function ordered(items: readonly (readonly [string, Picklable])[]): Picklable {
  return { call: ['collections', 'OrderedDict'], with: [], items };
}

/** `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)`. */
function tensorCall({ shape, data }: Tensor, key: number): Picklable {
  const storage: Picklable = { persistentId: { tuple: ['storage', { global: ['torch', 'FloatStorage'] }, String(key), 'cpu', { integer: data.length }] } };
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const integers = (values: readonly number[]): Picklable => ({ tuple: values.map((integer) => ({ integer })) });
  return { call: ['torch._utils', '_rebuild_tensor_v2'], with: [storage, { integer: 0 }, integers(shape), integers(strides), false, ordered([])] };
}

/** The original's class of each architecture; ours where it has none. */
function modelClass(architecture: Architecture): string {
  if (architecture.kind === 'lstm') return architecture.head === 'final-hidden' ? 'LSTMDirectionModel' : 'LSTMModel';
  return architecture.kind === 'transformer' ? 'TransformerTrendModel' : 'CausalConvolutionModel';
}

function metadata({ metrics = {} }: Manifest): [string, Picklable][] {
  return Object.entries(metrics).map(([name, value]) => [name, Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? { integer: value } : value]);
}
