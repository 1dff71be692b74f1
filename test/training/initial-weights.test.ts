import { describe, expect, it } from 'vitest';
import { weightShapes } from '../../src/models/weight-shapes.js';
import { initialWeights } from '../../src/training/initial-weights.js';
import { smallLstm, smallTransformer } from '../support/random-weights.js';

/** Uniform in [-bound, bound]: none beyond, the furthest close to it, the spread bound / sqrt 3. */
function expectUniform(data: Float32Array | undefined, bound: number): void {
  if (data === undefined) throw new Error('no such weight');
  const furthest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const spread = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
  expect(furthest).toBeLessThanOrEqual(bound * (1 + 1e-6));
  expect(furthest).toBeGreaterThan(0.98 * bound);
  expect(spread / (bound / Math.sqrt(3))).toBeCloseTo(1, 1);
}

describe('initial weights, as PyTorch starts', () => {
  it('are +- 1 / sqrt(hidden) throughout an LSTM, and +- 1 / sqrt(inputs) in its head', () => {
    const weights = initialWeights(weightShapes({ ...smallLstm, hiddenSize: 64, headSize: 32 }), 1);
    for (const name of ['lstm.weight_ih_l0', 'lstm.weight_hh_l1_reverse', 'lstm.bias_hh_l0']) expectUniform(weights.get(name)?.data, 1 / 8);
    expectUniform(weights.get('fc.0.weight')?.data, 1 / Math.sqrt(128));
  });

  it('are Xavier in attention, 1 and 0 in normalisation', () => {
    const weights = initialWeights(weightShapes({ ...smallTransformer, modelSize: 32, feedForwardSize: 64 }), 1);
    const layer = 'transformer_encoder.layers.0';
    expectUniform(weights.get(`${layer}.self_attn.in_proj_weight`)?.data, Math.sqrt(6 / (96 + 32)));
    expectUniform(weights.get(`${layer}.linear2.weight`)?.data, 1 / 8);
    expect(new Set(weights.get(`${layer}.norm1.weight`)?.data)).toEqual(new Set([1]));
    for (const name of ['norm2.bias', 'self_attn.in_proj_bias', 'self_attn.out_proj.bias']) expect(new Set(weights.get(`${layer}.${name}`)?.data)).toEqual(new Set([0]));
  });

  it('count the taps of a convolution among its inputs, for the bias too', () => {
    const weights = initialWeights(new Map([['blocks.0.conv.weight', [96, 48, 3]], ['blocks.0.conv.bias', [960]]]), 1);
    expectUniform(weights.get('blocks.0.conv.weight')?.data, 1 / 12);
    expectUniform(weights.get('blocks.0.conv.bias')?.data, 1 / 12);
  });

  it('are the same for the same seed, each weight its own', () => {
    const shapes = weightShapes(smallLstm);
    expect(initialWeights(shapes, 7)).toEqual(initialWeights(shapes, 7));
    expect(initialWeights(shapes, 8)).not.toEqual(initialWeights(shapes, 7));
    expect(initialWeights(shapes, 7).get('lstm.bias_ih_l0')?.data).not.toEqual(initialWeights(shapes, 7).get('lstm.bias_hh_l0')?.data);
  });
});
