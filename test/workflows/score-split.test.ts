import { expect, it, describe } from 'vitest';
import type { Checkpoint } from '../../src/models/checkpoint.js';
import type { OnnxModel } from '../../src/models/onnx-file.js';
import { openEngine } from '../../src/workflows/score-split.js';
import { randomWeights, smallLstm } from '../support/random-weights.js';

const graph: OnnxModel = { format: 'onnx', bytes: new Uint8Array(0), manifest: {}, input: 'windows', outputIndex: 0, file: 'trees.onnx', sha256: '', assumed: [] };
const weights: Checkpoint = { architecture: smallLstm, weights: randomWeights(smallLstm), manifest: {}, format: 'safetensors', file: 'lstm.safetensors', sha256: '', assumed: [] };

describe('the engine a model is opened on', () => {
  it.each([
    ['a graph, which has no weights to read', graph, 'fp32', /^trees\.onnx .* ONNX graph$/, /--engine onnx/],
    ['int8, which ONNX Runtime alone has', weights, 'int8', /^lstm\.safetensors .* int8/, /--precision fp32/],
  ] as const)('is not TensorFlow for %s', async (_name, model, precision, message, hint) => {
    await expect(openEngine(model, 60, { engine: 'tensorflow' }, precision)).rejects.toMatchObject({
      code: 'engine-does-not-fit',
      place: { file: model.file },
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    });
  });
});
