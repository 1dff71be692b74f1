import { describe, expect, it } from 'vitest';
import type { TcnArchitecture } from '../../src/models/architecture.js';
import type { Tensor } from '../../src/models/checkpoint.js';
import { describeArchitecture } from '../../src/models/describe-architecture.js';
import { parseCheckpoint } from '../../src/models/read-checkpoint.js';
import { encodeSafetensors } from '../../src/models/safetensors/write-safetensors.js';
import { receptiveField } from '../../src/models/tcn.js';
import { randomWeights } from '../support/random-weights.js';
import { refusalOf } from '../support/refusals.js';

const smallTcn: TcnArchitecture = { kind: 'tcn', inputSize: 5, channels: 6, kernelSize: 3, layers: 2, headSize: 4 };
const file = 'tcn.pt';
const zeros = (...shape: number[]): Tensor => ({ shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) });

describe('a TCN', () => {
  it.each([
    [2, 6, 64],
    [3, 6, 127],
    [2, 1, 2],
    [1, 4, 1],
  ])('of %i taps and %i layers sees %i rows', (kernelSize, layers, rows) => {
    expect(receptiveField({ kernelSize, layers })).toBe(rows);
  });

  it.each<[string, Partial<TcnArchitecture>]>([
    ['two layers', {}],
    ['the main size', { inputSize: 27, channels: 48, kernelSize: 2, layers: 6, headSize: 48 }],
    ['one unit everywhere', { inputSize: 1, channels: 1, kernelSize: 1, layers: 1, headSize: 1 }],
  ])('of %s is told from its weights alone', (_name, difference) => {
    const architecture = { ...smallTcn, ...difference };
    expect(describeArchitecture(randomWeights(architecture), { file })).toEqual({ architecture, assumed: [] });
  });

  it('comes back whole from our own format', () => {
    const content = { architecture: smallTcn, weights: randomWeights(smallTcn), manifest: { windowLength: 7 }, assumed: [] };
    const read = parseCheckpoint(encodeSafetensors(content), 'tcn.safetensors');
    expect(read).toMatchObject({ architecture: smallTcn, manifest: { windowLength: 7 } });
    expect(read.weights).toEqual(new Map([...content.weights].sort(([a], [b]) => (a < b ? -1 : 1))));
  });

  it.each<[string, Record<string, Tensor | undefined>, string, string]>([
    ['a missing bias', { 'tcn.layers.1.residual.bias': undefined }, 'missing-weight', 'tcn.layers.1.residual.bias'],
    ['a layer left out', { 'tcn.layers.3.dilated.weight': zeros(12, 6, 3) }, 'missing-weight', 'tcn.layers.2.dilated.weight'],
    ['a gate too few', { 'tcn.layers.0.dilated.weight': zeros(11, 6, 3) }, 'wrong-shape', 'tcn.layers.0.dilated.weight'],
    ['a weight more', { 'tcn.norm.weight': zeros(6) }, 'unexpected-weight', 'tcn.norm.weight'],
  ])('with %s is refused', (_name, changes, code, tensor) => {
    const weights = randomWeights(smallTcn);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) weights.delete(name);
      else weights.set(name, value);
    }
    expect(refusalOf(() => describeArchitecture(weights, { file }))).toMatchObject({ code, place: { file, tensor } });
  });
});
