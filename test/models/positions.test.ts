import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { POSITIONS, positionalEncoding, sinusoids } from '../../src/models/positions.js';
import { readCheckpoint } from '../../src/models/read-checkpoint.js';
import { smallTransformer } from '../support/random-weights.js';
import { refusalOf } from '../support/refusals.js';
import { fixtures } from '../support/requirements.js';

describe('positionalEncoding', () => {
  it('computes the sinusoids PyTorch keeps in the file', () => {
    const stored = readCheckpoint(join(fixtures, 'checkpoints/transformer_31_32x2.pt'), { heads: 4 }).weights.get(POSITIONS)!;
    expect(stored.shape).toEqual([500, 1, 32]);
    const computed = sinusoids(500, 32);
    const largest = stored.data.reduce((worst, value, i) => Math.max(worst, Math.abs(value - computed[i])), 0);
    // One step of float32 at position 500 is 3e-5 of the angle; at the 100 positions of a window far less.
    expect(largest).toBeLessThan(3.2e-5);
    const inWindow = stored.data.slice(0, 3200).reduce((worst, value, i) => Math.max(worst, Math.abs(value - computed[i])), 0);
    expect(inWindow).toBeLessThan(4e-6);
  });

  it('prefers the values of the file, which a trainer may have changed', () => {
    const data = Float32Array.from({ length: 160 }, (_, i) => i);
    const weights = new Map([[POSITIONS, { shape: [1, 20, 8], data }]]);
    expect([...positionalEncoding(smallTransformer, weights, 2)]).toEqual([...data.slice(0, 16)]);
    expect([...positionalEncoding(smallTransformer, new Map(), 2)]).toEqual([...sinusoids(2, 8)]);
    expect(refusalOf(() => positionalEncoding(smallTransformer, weights, 21)).message).toMatch(/20 positions and the windows have 21 rows/);
  });
});
