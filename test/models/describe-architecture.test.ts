import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/models/architecture.js';
import type { Tensor } from '../../src/models/checkpoint.js';
import { describeArchitecture } from '../../src/models/describe-architecture.js';
import { randomWeights, smallLstm, smallTransformer } from '../support/random-weights.js';
import { refusalOf } from '../support/refusals.js';

const file = 'x.pt';
const zeros = (...shape: number[]): Tensor => ({ shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) });
const changed = (architecture: Architecture, changes: Record<string, Tensor | undefined>): Map<string, Tensor> => {
  const weights = randomWeights(architecture);
  for (const [name, tensor] of Object.entries(changes)) {
    if (tensor === undefined) weights.delete(name);
    else weights.set(name, tensor);
  }
  return weights;
};

describe('describeArchitecture of an LSTM', () => {
  it.each<[string, Partial<typeof smallLstm>]>([
    ['two layers both ways', {}],
    ['one layer', { layers: 1 }],
    ['one direction', { bidirectional: false, layers: 3 }],
    ['the main size', { inputSize: 50, hiddenSize: 128, layers: 3, headSize: 128 }],
    ['the last-step head', { head: 'last-step', headLayers: ['fc1', 'fc2'], headSize: 64 }],
    ['one unit everywhere', { inputSize: 1, hiddenSize: 1, headSize: 1, layers: 1, bidirectional: false }],
  ])('finds %s', (_name, difference) => {
    const architecture = { ...smallLstm, ...difference };
    expect(describeArchitecture(randomWeights(architecture), { file })).toEqual({ architecture, assumed: [] });
  });

  it('lets the head be overridden, on the layers of the file', () => {
    expect(describeArchitecture(randomWeights(smallLstm), { file, head: 'last-step' }).architecture).toEqual({ ...smallLstm, head: 'last-step' });
    const other = { ...smallLstm, head: 'last-step', headLayers: ['fc1', 'fc2'] } as const;
    expect(describeArchitecture(randomWeights(other), { file, head: 'final-hidden' }).architecture).toEqual({ ...other, head: 'final-hidden' });
  });

  it.each<[string, Record<string, Tensor | undefined>, string, string, RegExp]>([
    ['a missing weight', { 'lstm.bias_hh_l1_reverse': undefined }, 'missing-weight', 'lstm.bias_hh_l1_reverse', /which is missing/],
    ['both biases of the head missing', { 'fc.0.bias': undefined, 'fc.3.bias': undefined }, 'missing-weight', 'fc.0.bias', /fc\.0\.bias, fc\.3\.bias, which are missing/],
    ['a renamed weight', { 'fc.3.bias': undefined, 'fc.2.bias': zeros(1) }, 'missing-weight', 'fc.3.bias', /it has instead fc\.2\.bias/],
    ['a weight of a projection', { 'lstm.weight_hr_l0': zeros(2, 4) }, 'unexpected-weight', 'lstm.weight_hr_l0', /has no lstm\.weight_hr_l0/],
    ['a gap between layers', { 'lstm.weight_ih_l4': zeros(16, 8) }, 'missing-weight', 'lstm.weight_ih_l2', /5 layers needs .* and \d+ more/],
    ['one input too many one way', { 'lstm.weight_ih_l0_reverse': zeros(16, 6) }, 'wrong-shape', 'lstm.weight_ih_l0_reverse', /expected \[16, 5\], found \[16, 6\]/],
    ['a wrong first recurrent weight', { 'lstm.weight_hh_l0': zeros(16, 3) }, 'wrong-shape', 'lstm.weight_hh_l0', /: lstm\.weight_hh_l0: expected \[16, 4\], found \[16, 3\]$/],
    ['a flat weight', { 'fc.0.weight': zeros(24) }, 'wrong-shape', 'fc.0.weight', /expected \[3, 8\], found \[24\]/],
    ['two outputs', { 'fc.3.weight': zeros(2, 3), 'fc.3.bias': zeros(2) }, 'wrong-shape', 'fc.3.weight', /expected \[1, 3\], found \[2, 3\]; fc\.3\.bias: expected \[1\], found \[2\]/],
    ['an infinity', { 'fc.0.bias': { shape: [3], data: Float32Array.of(0, -Infinity, NaN) } }, 'not-finite-weight', 'fc.0.bias', /2 of 3 values are not finite, the first -Infinity at \[1\]/],
  ])('refuses %s', (_name, changes, code, tensor, message) => {
    const error = refusalOf(() => describeArchitecture(changed(smallLstm, changes), { file }));
    expect(error).toMatchObject({ code, place: { file, tensor } });
    expect(error.message).toMatch(message);
  });

  it('refuses a head of neither kind, or of both', () => {
    const none = changed(smallLstm, { 'fc.0.weight': undefined, 'fc.3.weight': undefined });
    expect(refusalOf(() => describeArchitecture(none, { file })).message).toMatch(/the file has neither/);
    expect(refusalOf(() => describeArchitecture(changed(smallLstm, { 'fc1.weight': zeros(3, 8) }), { file })).message).toMatch(/the file has both/);
  });

  it('names up to ten tensors and counts the rest', () => {
    const weights = randomWeights({ ...smallLstm, layers: 4 });
    for (const name of weights.keys()) if (name.startsWith('lstm.') && name !== 'lstm.weight_ih_l3_reverse') weights.delete(name);
    const { message } = refusalOf(() => describeArchitecture(weights, { file }));
    expect(message.match(/lstm\./g)).toHaveLength(10);
    expect(message).toMatch(/, and 21 more, which are missing$/);
  });
});

describe('describeArchitecture of a Transformer', () => {
  it('finds the sizes; the heads are given', () => {
    expect(describeArchitecture(randomWeights(smallTransformer), { file, heads: 2 })).toEqual({ architecture: smallTransformer, assumed: [] });
  });

  it('assumes 8 heads for model size 128 only, and says so', () => {
    const main = { ...smallTransformer, modelSize: 128, layers: 1 };
    expect(describeArchitecture(randomWeights(main), { file })).toEqual({ architecture: { ...main, heads: 8 }, assumed: ['8 attention heads for model size 128'] });
    expect(describeArchitecture(randomWeights(main), { file, heads: 4 })).toEqual({ architecture: { ...main, heads: 4 }, assumed: [] });
    const error = refusalOf(() => describeArchitecture(randomWeights(smallTransformer), { file }));
    expect(error.code).toBe('heads-needed');
    expect(error.hint).toMatch(/--heads N/);
  });

  it.each([3, 0, -2, 1.5, Number.NaN, 16])('refuses %s heads for model size 8', (heads) => {
    expect(refusalOf(() => describeArchitecture(randomWeights(smallTransformer), { file, heads })).code).toBe('heads-do-not-fit');
  });

  it('takes the positions where they are, of either order of axes', () => {
    for (const shape of [[20, 1, 8], [1, 20, 8], [1, 1, 8]]) {
      expect(describeArchitecture(changed(smallTransformer, { 'pos_encoder.pe': zeros(...shape) }), { file, heads: 2 }).architecture).toEqual(smallTransformer);
    }
    const error = refusalOf(() => describeArchitecture(changed(smallTransformer, { 'pos_encoder.pe': zeros(20, 1, 7) }), { file, heads: 2 }));
    expect(error).toMatchObject({ code: 'wrong-shape', place: { tensor: 'pos_encoder.pe' } });
  });

  it.each<[string, Record<string, Tensor | undefined>, string, string]>([
    ['without an encoder', Object.fromEntries([...randomWeights(smallTransformer).keys()].filter((name) => name.startsWith('transformer_encoder')).map((name) => [name, undefined])), 'missing-weight', 'transformer_encoder.layers.0.self_attn.in_proj_weight'],
    ['with a final normalization', { 'transformer_encoder.norm.weight': zeros(8) }, 'unexpected-weight', 'transformer_encoder.norm.weight'],
    ['with another feed-forward size in one layer', { 'transformer_encoder.layers.1.linear1.bias': zeros(13) }, 'wrong-shape', 'transformer_encoder.layers.1.linear1.bias'],
  ])('refuses one %s', (_name, changes, code, tensor) => {
    expect(refusalOf(() => describeArchitecture(changed(smallTransformer, changes), { file, heads: 2 }))).toMatchObject({ code, place: { tensor } });
  });
});

describe('describeArchitecture of anything else', () => {
  it('lists what is there and what is known', () => {
    const error = refusalOf(() => describeArchitecture(new Map([['conv1.weight', zeros(1)], ['gru.weight_ih_l0', zeros(1)]]), { file }));
    expect(error.code).toBe('unknown-architecture');
    expect(error.message).toMatch(/conv1\.weight, gru\.weight_ih_l0/);
    expect(error.hint).toMatch(/lstm\.\*/);
    expect(refusalOf(() => describeArchitecture(new Map(), { file })).message).toMatch(/it has none/);
  });
});
