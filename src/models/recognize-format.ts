import { InputError } from '../errors.js';
import type { CheckpointFormat } from './checkpoint.js';
import { notACheckpoint, truncatedCheckpoint, unsupportedCheckpoint } from './refusals.js';
import { looksLikeSafetensors } from './safetensors/read-safetensors.js';

const PICKLE_PROTOCOL = 0x80;
const TAR_MAGIC_AT = 257;

/** Files often taken for checkpoints, by how they begin. */
const OTHERS: readonly { readonly start: string; readonly what: string; readonly hint?: string }[] = [
  { start: 'version https://git-lfs', what: 'it is a Git LFS pointer', hint: 'fetch the real file: git lfs pull' },
  { start: '<!DOCTYPE', what: 'it is a web page', hint: 'download the file itself, not the page that shows it' },
  { start: '<html', what: 'it is a web page', hint: 'download the file itself, not the page that shows it' },
  { start: '\x1f\x8b', what: 'it is gzip data', hint: 'unpack it first: gunzip FILE' },
  { start: '\x89HDF', what: 'it is HDF5 (a Keras model)', hint: 'only PyTorch and safetensors checkpoints are read' },
  { start: 'PAR1', what: 'it is a Parquet table', hint: 'give it with --features or --candles' },
];

/**
 * Which format the bytes are, by content.
 * @throws InputError `empty-file`, `not-a-checkpoint`, `unsupported-checkpoint`, `truncated-checkpoint`.
 */
export function recognizeFormat(bytes: Uint8Array, file: string): CheckpointFormat {
  if (bytes.byteLength === 0) {
    throw new InputError(`${file} is empty`, { code: 'empty-file', place: { file }, hint: 'copy or download the file again' });
  }
  if (startsWith(bytes, 'PK')) return 'pytorch-zip';
  if (looksLikeSafetensors(bytes)) return 'safetensors';
  if (startsWith(bytes, 'ustar', TAR_MAGIC_AT)) {
    throw unsupportedCheckpoint(file, 'it is a tar archive, as PyTorch before 0.1.10 wrote', 'load it with an old PyTorch and save it again');
  }
  if (bytes[0] === PICKLE_PROTOCOL) return 'pytorch-legacy';
  if (bytes.every((byte) => byte === 0)) throw truncatedCheckpoint(file, `all its ${bytes.byteLength} bytes are 0`);
  const other = OTHERS.find(({ start }) => startsWith(bytes, start));
  throw notACheckpoint(file, other?.what ?? `it begins with ${beginning(bytes)}`, other?.hint);
}

function startsWith(bytes: Uint8Array, text: string, at = 0): boolean {
  return [...text].every((character, i) => bytes[at + i] === character.charCodeAt(0));
}

function beginning(bytes: Uint8Array): string {
  const start = [...bytes.subarray(0, 16)];
  const printable = start.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09);
  return printable ? JSON.stringify(String.fromCharCode(...start)) : `the bytes ${start.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
}
