import fc from 'fast-check';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../src/models/checkpoint.js';
import { parseCheckpoint, readCheckpoint } from '../../../src/models/read-checkpoint.js';
import { encodeSafetensors, writeSafetensors, type CheckpointContent } from '../../../src/models/safetensors/write-safetensors.js';
import { randomWeights, smallLstm, smallTransformer } from '../../support/random-weights.js';
import { refusalOf } from '../../support/refusals.js';
import { fixtures } from '../../support/requirements.js';

const manifest: Manifest = {
  featureSet: 'v2-50',
  columns: ['a', 'b', 'c', 'd', 'e'],
  alignment: 'causal',
  scaler: { mean: [0.1, 2, -3, 4e-300, 5], std: [1, 2, 3, 4, 1e-9] },
  label: 'direction',
  horizon: 15,
  windowLength: 60,
  windowMode: 'repo',
  symbol: 'BTC-USD',
  trainedFrom: 1736121600000,
  trainedTo: 1738713540000,
  metrics: { val_accuracy: 0.51 },
  versions: { torch: '2.13.0' },
};
const content: CheckpointContent = { architecture: smallLstm, weights: randomWeights(smallLstm), manifest, assumed: ['the order of columns'] };

/** A safetensors file of this header and so many bytes of zeros. */
function file(header: unknown, bytes: number): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return new Uint8Array(Buffer.concat([length, text, Buffer.alloc(bytes)]));
}

interface StoredTensor {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

interface Header {
  __metadata__: Record<string, string>;
  [tensor: string]: unknown;
}

function headerOf(bytes: Uint8Array): Header {
  const length = Number(Buffer.from(bytes).readBigUInt64LE(0));
  return JSON.parse(Buffer.from(bytes).toString('utf8', 8, 8 + length)) as Header;
}

describe('safetensors', () => {
  it('gives back what was written: weights, architecture, manifest, and what was assumed', () => {
    const read = parseCheckpoint(encodeSafetensors(content), 'x.safetensors');
    expect(read).toMatchObject({ format: 'safetensors', architecture: smallLstm, manifest, assumed: content.assumed });
    expect([...read.weights].sort()).toEqual([...content.weights].sort());
  });

  it('gives back any float32 bit for bit', () => {
    const numbers = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 4, maxLength: 4 }), (values) => {
        const weights = randomWeights(smallLstm);
        weights.set('fc.3.weight', { shape: [1, 3], data: Float32Array.from(values.slice(0, 3)) });
        const read = parseCheckpoint(encodeSafetensors({ ...content, weights }), 'x').weights.get('fc.3.weight')!;
        expect(new Uint32Array(read.data.buffer)).toEqual(new Uint32Array(weights.get('fc.3.weight')!.data.buffer));
      }),
      { numRuns: 50 },
    );
  });

  it('writes the same bytes for the same content, whatever its order', () => {
    const reversed = { ...content, weights: new Map([...content.weights].reverse()), manifest: Object.fromEntries(Object.entries(manifest).reverse()) };
    expect(encodeSafetensors(reversed)).toEqual(encodeSafetensors(content));
  });

  it('is what any safetensors library reads: aligned, gapless, texts as metadata', () => {
    const bytes = encodeSafetensors(content);
    const header = headerOf(bytes);
    expect(Number(Buffer.from(bytes).readBigUInt64LE(0)) % 8).toBe(0);
    expect(Object.values(header.__metadata__).every((value) => typeof value === 'string')).toBe(true);
    let position = 0;
    const tensors = Object.fromEntries(Object.entries(header).filter(([key]) => key !== '__metadata__'));
    for (const [name, { dtype, shape, data_offsets: [begin, end] }] of Object.entries(tensors as Record<string, StoredTensor>)) {
      expect([dtype, begin, shape]).toEqual(['F32', position, content.weights.get(name)!.shape]);
      position = end;
    }
  });

  it('keeps a Transformer with its heads, and lets no others be given', () => {
    const transformer = encodeSafetensors({ architecture: smallTransformer, weights: randomWeights(smallTransformer), manifest: {}, assumed: [] });
    expect(parseCheckpoint(transformer, 'x').architecture).toEqual(smallTransformer);
    expect(parseCheckpoint(transformer, 'x', { heads: 2, head: 'last-step' }).architecture).toEqual(smallTransformer);
    expect(refusalOf(() => parseCheckpoint(transformer, 'x', { heads: 4 })).code).toBe('heads-do-not-fit');
  });

  it('keeps an overridden head, and lets it be overridden again', () => {
    const bytes = encodeSafetensors({ ...content, architecture: { ...smallLstm, head: 'last-step' } });
    expect(parseCheckpoint(bytes, 'x').architecture).toEqual({ ...smallLstm, head: 'last-step' });
    expect(parseCheckpoint(bytes, 'x', { head: 'final-hidden' }).architecture).toEqual(smallLstm);
  });

  it('keeps every PyTorch sample the same', () => {
    const source = readCheckpoint(join(fixtures, 'checkpoints/lstm_float16.pt'));
    const read = parseCheckpoint(encodeSafetensors(source), 'x');
    expect(read.architecture).toEqual(source.architecture);
    expect(read.manifest).toEqual(source.manifest);
    expect(new Map([...read.weights].sort())).toEqual(new Map([...source.weights].sort()));
  });

  it('of other programs has no manifest: the weights say what they can, of any float type', () => {
    const architecture = { ...smallLstm, layers: 1 };
    const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
    let position = 0;
    for (const [name, { shape, data }] of randomWeights(architecture)) {
      const [dtype, size] = ([['F32', 4], ['F16', 2], ['BF16', 2], ['F64', 8]] as const)[Object.keys(header).length % 4];
      header[name] = { dtype, shape, data_offsets: [position, (position += data.length * size)] };
    }
    header['steps'] = { dtype: 'I64', shape: [], data_offsets: [position, (position += 8)] };
    const read = parseCheckpoint(file(header, position), 'x');
    expect(read).toMatchObject({ architecture, manifest: {}, format: 'safetensors' });
    expect(read.assumed).toHaveLength(1);
  });

  it('is written whole or not at all', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crpbot-safetensors-'));
    try {
      const path = join(folder, 'new/model.safetensors');
      writeSafetensors(path, content);
      expect(readCheckpoint(path).manifest).toEqual(manifest);
      expect(readdirSync(join(folder, 'new'))).toEqual(['model.safetensors']);
      writeFileSync(join(folder, 'file'), '');
      expect(refusalOf(() => writeSafetensors(join(folder, 'file/model.safetensors'), content)).code).toBe('cannot-write');
      expect(existsSync(join(folder, 'file/model.safetensors'))).toBe(false);
      expect(readFileSync(path).byteLength).toBe(encodeSafetensors(content).byteLength);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('safetensors refuses', () => {
  const tensor = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32'): unknown => ({ dtype, shape, data_offsets: [begin, end] });
  it.each<[string, Uint8Array, string, RegExp]>([
    ['a header longer than the file', file({ a: tensor(0, 4) }, 4).subarray(0, 20), 'truncated-checkpoint', /header should have/],
    ['a header that is not JSON', file('{"a": ', 8), 'corrupt-checkpoint', /not JSON/],
    ['a key that stands twice', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4), 'corrupt-checkpoint', /a stands twice/],
    ['a key that stands twice in a tensor', file('{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}', 4), 'corrupt-checkpoint', /shape stands twice/],
    ['overlapping tensors', file({ a: tensor(0, 8), b: tensor(4, 12) }, 12), 'corrupt-checkpoint', /b starts at byte 4, where the one before ends at 8/],
    ['a gap', file({ a: tensor(0, 4), b: tensor(8, 12) }, 12), 'corrupt-checkpoint', /b starts at byte 8/],
    ['bytes behind the last tensor', file({ a: tensor(0, 4) }, 6), 'corrupt-checkpoint', /2 bytes follow/],
    ['fewer bytes than its tensors need', file({ a: tensor(0, 4), b: tensor(4, 12) }, 8), 'truncated-checkpoint', /need 12 bytes and the file has 8/],
    ['a shape that does not fit its bytes', file({ a: tensor(0, 8, [3]) }, 8), 'corrupt-checkpoint', /\[3\] of F32 needs 12 bytes and has 8/],
    ['offsets backwards', file({ a: tensor(8, 4, [1]) }, 8), 'corrupt-checkpoint', /needs 4 bytes and has -4/],
    ['a negative size', file({ a: tensor(0, 4, [-1]) }, 4), 'corrupt-checkpoint', /does not say/],
    ['a size beyond 2^53', file({ a: tensor(0, 4, [2 ** 60]) }, 4), 'corrupt-checkpoint', /does not say/],
    ['a product beyond 2^53', file({ a: tensor(0, 4, [2 ** 40, 2 ** 40]) }, 4), 'corrupt-checkpoint', /needs/],
    ['an unknown element type', file({ a: tensor(0, 4, [1], 'Q4') }, 4), 'unsupported-tensor', /Q4/],
    ['8-bit floats', file({ a: tensor(0, 4, [4], 'F8_E4M3') }, 4), 'unsupported-tensor', /float8/],
    ['an entry that is no tensor', file({ a: 3 }, 0), 'corrupt-checkpoint', /does not say dtype/],
    ['metadata that are no texts', file({ __metadata__: { crpbot: 3 }, a: tensor(0, 4) }, 4), 'corrupt-checkpoint', /not an object of texts/],
    ['a manifest that is not JSON', file({ __metadata__: { crpbot: '{' }, a: tensor(0, 4) }, 4), 'corrupt-checkpoint', /manifest is not JSON/],
    ['a manifest of lists in lists in lists', file({ __metadata__: { crpbot: `${'['.repeat(50_000)}${']'.repeat(50_000)}` }, a: tensor(0, 4) }, 4), 'corrupt-checkpoint', /must be an object, and is a list/],
  ])('%s', (_name, bytes, code, message) => {
    const error = refusalOf(() => parseCheckpoint(bytes, 'x'));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('a changed weight', () => {
    const bytes = encodeSafetensors(content);
    bytes[bytes.length - 1] = bytes.at(-1)! ^ 1;
    expect(refusalOf(() => parseCheckpoint(bytes, 'x')).message).toMatch(/SHA-256 differs/);
  });

  const withManifest = (change: (description: Record<string, Record<string, unknown>>) => void): Uint8Array => {
    const bytes = encodeSafetensors(content);
    const header = headerOf(bytes);
    const description = JSON.parse(header.__metadata__['crpbot']) as Record<string, Record<string, unknown>>;
    change(description);
    header.__metadata__['crpbot'] = JSON.stringify(description);
    const start = 8 + Number(Buffer.from(bytes).readBigUInt64LE(0));
    const changed = file(header, 0);
    return new Uint8Array(Buffer.concat([changed, bytes.subarray(start)]));
  };

  it.each<[string, (description: Record<string, Record<string, unknown>>) => void, RegExp]>([
    ['an alignment nobody knows', ({ manifest: fields }) => (fields['alignment'] = 'future'), /manifest, alignment must be causal or legacy or legacy-a, and is "future"/],
    ['a horizon of text', ({ manifest: fields }) => (fields['horizon'] = '15'), /horizon must be a number/],
    ['a field nobody knows', ({ manifest: fields }) => (fields['scalar'] = 1), /unknown fields: scalar/],
    ['fewer columns than inputs', ({ manifest: fields }) => (fields['columns'] = ['a']), /1 columns for 5 inputs/],
    ['a scaler that divides by 0', ({ manifest: fields }) => (fields['scaler'] = { mean: [0], std: [0] }), /above 0/],
    ['a size its weights do not have', ({ architecture }) => (architecture['hiddenSize'] = 5), /its manifest says .* and its weights are/],
    ['a newer version', (description) => Object.assign(description, { version: 2 }), /newer crpbot/],
  ])('a manifest with %s', (_name, change, message) => {
    const error = refusalOf(() => parseCheckpoint(withManifest(change), 'x'));
    expect(error.code).toBe('corrupt-checkpoint');
    expect(error.message).toMatch(message);
  });
});
