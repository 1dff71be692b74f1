import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCheckpoint, readCheckpoint } from '../../src/models/read-checkpoint.js';
import { weightsSha256 } from '../../src/models/safetensors/weights-hash.js';
import { describeWhen, describeWithShared, fixtures, projectRoot } from '../support/requirements.js';
import { refusalOf } from '../support/refusals.js';

const samples = join(fixtures, 'checkpoints');
const extra = join(fixtures, 'checkpoints-extra');
/** SHA-256 of the weights as torch.load reads them: see the README beside it. */
const expected = JSON.parse(readFileSync(join(extra, 'expected.json'), 'utf8')) as Record<string, string>;
const pathOf = (name: string): string => (existsSync(join(samples, name)) ? join(samples, name) : join(extra, name));

describe('readCheckpoint', () => {
  it.each(Object.keys(expected))('reads %s bit for bit as PyTorch does', (name) => {
    const checkpoint = readCheckpoint(pathOf(name), name.startsWith('transformer') ? { heads: 2 } : {});
    expect(weightsSha256(checkpoint.weights)).toBe(expected[name]);
    expect(checkpoint.format).toBe(/old_format|legacy/.test(name) ? 'pytorch-legacy' : 'pytorch-zip');
    expect(checkpoint.file).toBe(pathOf(name));
  });

  it('takes sizes from the weights, the head from their names, the figures from the metadata', () => {
    const checkpoint = readCheckpoint(join(samples, 'lstm_final_hidden_50_16x2.pt'));
    expect(checkpoint.architecture).toEqual({
      kind: 'lstm',
      inputSize: 50,
      hiddenSize: 16,
      layers: 2,
      bidirectional: true,
      head: 'final-hidden',
      headSize: 16,
      headLayers: ['fc.0', 'fc.3'],
    });
    expect(checkpoint.manifest).toEqual({ metrics: { epoch: 3, val_accuracy: 0.51, val_loss: 0.69, learning_rate: 0.001 } });
    expect(checkpoint.assumed).toEqual([]);
    // sha256sum of the file.
    expect(checkpoint.sha256).toBe('cc82c537e4df42a83f22ccedb8eff4349c8a9be09a9c18320ac942103cc7fa5c');
  });

  it('reads the last-step head and the Transformer', () => {
    expect(readCheckpoint(join(samples, 'lstm_last_step_31_16x3.pt')).architecture).toMatchObject({
      inputSize: 31, hiddenSize: 16, layers: 3, head: 'last-step', headSize: 64, headLayers: ['fc1', 'fc2'],
    });
    expect(readCheckpoint(join(samples, 'transformer_31_32x2.pt'), { heads: 4 }).architecture).toEqual({
      kind: 'transformer', inputSize: 31, modelSize: 32, layers: 2, heads: 4, feedForwardSize: 64, headSize: 64,
    });
    expect(readCheckpoint(join(extra, 'lstm_unidirectional.pt')).architecture).toMatchObject({ bidirectional: false, layers: 1 });
  });

  it('reads NumPy scalars and 0-dimensional tensors as figures, and drops what is no number', () => {
    const { manifest } = readCheckpoint(join(extra, 'lstm_numpy_metadata.pt'));
    expect(manifest.metrics).toEqual({ epoch: 7, val_accuracy: 0.6125, val_loss: 0.6875, learning_rate: 0.5 });
  });

  it('says that float64 weights were rounded', () => {
    expect(readCheckpoint(join(extra, 'lstm_float64.pt')).assumed).toEqual(['float64 weights rounded to float32 (20 of 20 tensors)']);
  });

  it('keeps top-level figures of a training checkpoint and leaves the optimizer alone', () => {
    const { manifest, weights } = readCheckpoint(join(extra, 'lstm_with_optimizer.pt'));
    expect(manifest.metrics).toEqual({ epoch: 4, loss: 0.5 });
    expect([...weights.keys()].every((name) => /^(lstm|fc)\./.test(name))).toBe(true);
  });

  it('tells the format by content, not by name', () => {
    const bytes = readFileSync(join(samples, 'lstm_old_format.pt'));
    expect(parseCheckpoint(bytes, 'weights.safetensors').format).toBe('pytorch-legacy');
  });
});

describe('readCheckpoint refuses', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'crpbot-checkpoints-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const written = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  it.each([
    ['bad_missing_weight.pt', 'missing-weight', 'lstm.weight_hh_l1', /needs lstm\.weight_hh_l1, which is missing/],
    ['bad_nan_weight.pt', 'not-finite-weight', 'fc.0.bias', /1 of 16 values is not finite, the first NaN at \[3\]/],
    ['bad_not_a_checkpoint.pt', 'not-a-checkpoint', undefined, /not a checkpoint/],
    ['bad_truncated.pt', 'truncated-checkpoint', undefined, /cut short/],
    ['bad_executes_code.pt', 'unsafe-checkpoint', undefined, /names posix\.system/],
    ['bad_gru.pt', 'unknown-architecture', undefined, /gru\.weight_ih_l0/],
    ['bad_wrong_shape.pt', 'wrong-shape', 'lstm.weight_hh_l1_reverse', /expected \[8, 2\], found \[8, 3\]/],
    ['bad_unexpected_weight.pt', 'unexpected-weight', 'attention.weight', /has no attention\.weight/],
    ['bad_integer_weight.pt', 'unsupported-tensor', 'fc.0.weight', /int8/],
    ['bad_complex.pt', 'unsupported-tensor', 'fc.0.bias', /complex64/],
    ['bad_float8.pt', 'unsupported-tensor', 'fc.0.bias', /float8_e4m3fn/],
    ['bad_quantized.pt', 'unsupported-tensor', undefined, /a quantized tensor/],
    ['bad_sparse.pt', 'unsupported-tensor', undefined, /a sparse tensor/],
    ['bad_numpy_array.pt', 'unsafe-checkpoint', undefined, /numpy\._core\.multiarray\._reconstruct/],
    ['bad_no_weights.pt', 'not-a-checkpoint', undefined, /keys: 'epoch', 'config'/],
    ['bad_whole_module.pt', 'unsafe-checkpoint', undefined, /one pickled object of class __main__\.LSTMDirectionModel/],
    ['bad_whole_module_legacy.pt', 'unsafe-checkpoint', undefined, /one pickled object of class torch\.nn/],
    ['bad_torchscript.pt', 'unsupported-checkpoint', undefined, /TorchScript/],
  ])('%s as %s', (name, code, tensor, message) => {
    const error = refusalOf(() => readCheckpoint(pathOf(name)));
    expect(error).toMatchObject({ code, place: { file: pathOf(name) } });
    expect(error.place?.tensor).toBe(tensor);
    expect(error.message).toMatch(message);
  });

  it('executes nothing of a file that would run code', () => {
    const before = process.cwd();
    copyFileSync(join(samples, 'bad_executes_code.pt'), join(folder, 'evil.pt'));
    process.chdir(folder);
    try {
      expect(refusalOf(() => readCheckpoint('evil.pt')).code).toBe('unsafe-checkpoint');
    } finally {
      process.chdir(before);
    }
    expect(existsSync(join(folder, 'crpbot_was_here'))).toBe(false);
    expect(existsSync(join(projectRoot, 'crpbot_was_here'))).toBe(false);
  });

  it.each([
    ['a text', 'not a model\n', 'not-a-checkpoint', /begins with "not a model/],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\n', 'not-a-checkpoint', /Git LFS/],
    ['a plain pickle', Uint8Array.from([0x80, 2, 0x4b, 1, 0x2e]), 'not-a-checkpoint', /plain Python pickle/],
    ['an empty zip', Buffer.from(`PK\x05\x06${'\0'.repeat(18)}`, 'latin1'), 'not-a-checkpoint', /no data\.pkl/],
    ['zeros', new Uint8Array(4096), 'truncated-checkpoint', /bytes are 0/],
    ['a tar archive', Buffer.concat([Buffer.from('sys_info'.padEnd(257, '\0')), Buffer.from('ustar'), Buffer.alloc(250)]), 'unsupported-checkpoint', /tar/],
    ['nothing', '', 'empty-file', /empty/],
  ])('%s', (name, content, code, message) => {
    const error = refusalOf(() => readCheckpoint(written(`${name}.pt`, content)));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('a folder, a missing file and an ONNX model', () => {
    expect(refusalOf(() => readCheckpoint(folder)).code).toBe('not-a-file');
    expect(refusalOf(() => readCheckpoint(join(folder, 'missing.pt'))).code).toBe('file-missing');
    expect(refusalOf(() => readCheckpoint(join(folder, 'model.onnx'))).code).toBe('onnx-model');
  });

  it.each(['lstm_strided.pt', 'lstm_strided_legacy.pt', 'lstm_legacy_protocol4.pt', 'lstm_rezipped.pt'])(
    '%s cut at any byte, without reading past its end',
    (name) => {
      const bytes = readFileSync(join(extra, name));
      for (let length = 0; length < bytes.length; length += 7) {
        const code = refusalOf(() => parseCheckpoint(bytes.subarray(0, length), name)).code;
        expect(['truncated-checkpoint', 'corrupt-checkpoint', 'not-a-checkpoint', 'empty-file']).toContain(code);
      }
    },
  );

  it('a changed weight: the archive has a checksum', () => {
    const bytes = Uint8Array.from(readFileSync(join(samples, 'lstm_final_hidden_50_16x2.pt')));
    const storage = Buffer.from(bytes).indexOf('/data/0') + 200;
    bytes[storage] = (bytes[storage]) ^ 1;
    const error = refusalOf(() => parseCheckpoint(bytes, 'changed.pt'));
    expect(error.code).toBe('corrupt-checkpoint');
    expect(error.message).toMatch(/checksum of .*data\/0/);
  });
});

const unreadable = '/proc/self/mem';
describeWhen(existsSync(unreadable), 'readCheckpoint of a file that cannot be read', `${unreadable} is not there`, () => {
  it('is refused with the system\'s reason', () => {
    const error = refusalOf(() => readCheckpoint(unreadable));
    expect(error.code).toBe('cannot-read');
    expect(error.message).toMatch(/EIO/);
  });
});

describeWithShared('readCheckpoint on checkpoints of the full size', (shared) => {
  it.each(['BTC', 'ETH', 'SOL'])('reads %s: 50 inputs, 3 layers of 128, both directions', (coin) => {
    const { architecture, weights } = readCheckpoint(join(shared, `real/lstm_${coin}_USDT_1m_causal.pt`));
    expect(architecture).toMatchObject({ inputSize: 50, hiddenSize: 128, layers: 3, bidirectional: true, head: 'final-hidden' });
    const recurrent = [...weights].filter(([name]) => name.startsWith('lstm.')).reduce((sum, [, { data }]) => sum + data.length, 0);
    expect(recurrent).toBe(974_848);
  });
});
