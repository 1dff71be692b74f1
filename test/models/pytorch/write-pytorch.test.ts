import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Architecture } from '../../../src/models/architecture.js';
import type { Tensor } from '../../../src/models/checkpoint.js';
import { encodePytorch, writePytorch } from '../../../src/models/pytorch/write-pytorch.js';
import { parseCheckpoint, readCheckpoint } from '../../../src/models/read-checkpoint.js';
import { weightShapes } from '../../../src/models/weight-shapes.js';
import { createRandom } from '../../../src/random.js';
import { fixtures } from '../../support/requirements.js';

const lstm: Architecture = { kind: 'lstm', inputSize: 5, hiddenSize: 4, layers: 2, bidirectional: true, head: 'final-hidden', headSize: 3, headLayers: ['fc.0', 'fc.3'] };
const transformer: Architecture = { kind: 'transformer', inputSize: 5, modelSize: 8, layers: 1, heads: 2, feedForwardSize: 16, headSize: 6 };
const tcn: Architecture = { kind: 'tcn', inputSize: 5, channels: 4, kernelSize: 2, layers: 3, headSize: 3 };

function randomWeights(architecture: Architecture): Map<string, Tensor> {
  const random = createRandom(7);
  return new Map([...weightShapes(architecture)].map(([name, shape]) => [name, { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() - 0.5) }]));
}

const folder = mkdtempSync(join(tmpdir(), 'write-pytorch-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a checkpoint written as .pt', () => {
  it.each([lstm, transformer, tcn])('comes back whole: $kind', (architecture) => {
    const manifest = { featureSet: 'v1-31', horizon: 15, windowLength: 60, symbol: 'BTC-USD', metrics: { epoch: 3, val_accuracy: 0.5625 } };
    const weights = randomWeights(architecture);
    const read = parseCheckpoint(encodePytorch({ architecture, weights, manifest, assumed: ['heads 2'] }), 'made.pt');

    expect(read.architecture).toEqual(architecture);
    expect(read.manifest).toEqual(manifest);
    expect(read.assumed).toEqual(['heads 2']);
    for (const [name, tensor] of weights) expect(read.weights.get(name), name).toEqual(tensor);
  });

  it("of a TCN is read by Python's pickle, with every weight", () => {
    const path = join(folder, 'tcn.pt');
    const weights = randomWeights(tcn);
    writePytorch(path, { architecture: tcn, weights, manifest: {}, assumed: [] });
    const read = JSON.parse(execFileSync('python3', [join(fixtures, 'checkpoints-extra/read_state_dict.py'), path], { encoding: 'utf8' })) as { weights: Record<string, { size: number[]; values: number[] }> };
    expect(read.weights).toEqual(Object.fromEntries([...weights].map(([name, { shape, data }]) => [name, { size: shape, values: [...data] }])));
  });

  it('gives the same bytes for the same content', () => {
    const content = { architecture: lstm, weights: randomWeights(lstm), manifest: {}, assumed: [] };
    expect(encodePytorch(content)).toEqual(encodePytorch(content));
  });

  it("holds the sample's PyTorch weights as PyTorch had them", () => {
    const file = join(fixtures, '../../models/sample/lstm_BTC-SIM_1m_demo.pt');
    const original = readCheckpoint(file);
    const again = parseCheckpoint(encodePytorch(original), 'again.pt');
    expect([...again.weights.keys()]).toEqual([...original.weights.keys()]);
    for (const [name, { data }] of original.weights) expect(Buffer.compare(Buffer.from(again.weights.get(name)!.data.buffer), Buffer.from(data.buffer)), name).toBe(0);
    expect(again.manifest.metrics).toEqual(original.manifest.metrics);
  });

  it('is refused when a weight was changed after it was written', () => {
    const bytes = encodePytorch({ architecture: lstm, weights: randomWeights(lstm), manifest: {}, assumed: [] });
    const place = Buffer.from(bytes).indexOf('archive/data/0') + 'archive/data/0'.length + 3;
    bytes[place] ^= 1;
    expect(() => parseCheckpoint(bytes, 'changed.pt')).toThrow(/changed\.pt/);
  });

  // CPython's own unpickler, allowed exactly the globals that torch.load(weights_only=True) allows a state dict.
  it("is read by Python's pickle with the globals of torch.load(weights_only=True) alone", () => {
    const path = join(folder, 'made.pt');
    const weights = randomWeights(transformer);
    writePytorch(path, { architecture: transformer, weights, manifest: { metrics: { epoch: 2, val_loss: 0.25 } }, assumed: [] });
    const read = JSON.parse(execFileSync('python3', [join(fixtures, 'checkpoints-extra/read_state_dict.py'), path], { encoding: 'utf8' })) as {
      model_class: string;
      metadata: Record<string, number>;
      weights: Record<string, { size: number[]; values: number[] }>;
    };
    expect(read.model_class).toBe('TransformerTrendModel');
    expect(read.metadata).toEqual({ epoch: 2, val_loss: 0.25 });
    expect(Object.keys(read.weights)).toEqual([...weights.keys(), 'pos_encoder.pe']);
    for (const [name, { shape, data }] of weights) expect(read.weights[name], name).toEqual({ size: shape, values: [...data] });
    expect(read.weights['pos_encoder.pe'].size).toEqual([500, 1, 8]);
    expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK');
  });
});
