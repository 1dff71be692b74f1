import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scorer } from '../../../src/engines/engine.js';
import { openOnnx } from '../../../src/engines/onnx/onnx-engine.js';
import { TcnStream } from '../../../src/engines/streaming/tcn-stream.js';
import { receptiveField } from '../../../src/models/tcn.js';
import { randomWeights } from '../../support/random-weights.js';
import { refusalOf } from '../../support/refusals.js';
import { architecture, checkpoint, noise, weights } from '../small-tcn.js';

const length = receptiveField(architecture);
const windows = noise(200, length);
const row = (index: number) => windows.rows.subarray(index * windows.featureCount, (index + 1) * windows.featureCount);
const push = (stream: TcnStream, from: number, to: number) => Array.from({ length: to - from }, (_, index) => stream.push(row(from + index)));

describe('a TCN, row by row', () => {
  let scorer: Scorer;
  beforeAll(async () => {
    scorer = await openOnnx(checkpoint, { windowLength: length, threads: 1 });
  });
  afterAll(() => scorer.dispose());

  it('gives what the whole series gives', async () => {
    const streamed = push(new TcnStream(architecture, weights), 0, windows.rowCount);
    expect(streamed.slice(0, length - 1).every((p) => p === undefined)).toBe(true);
    (await scorer.score(windows)).forEach((p, index) => expect(Math.abs(p - streamed[length - 1 + index]!)).toBeLessThan(1e-6));
  });

  it('goes on to the same bits from a state saved at any row', () => {
    const through = new TcnStream(architecture, weights);
    const states = Array.from({ length: 60 }, (_, index) => {
      const state = through.save();
      through.push(row(index));
      return state;
    });
    const expected = push(through, 60, 90);
    states.forEach((state, index) => {
      const resumed = new TcnStream(architecture, weights);
      resumed.restore(state);
      expect(push(resumed, index, 90).slice(60 - index)).toEqual(expected);
    });
  });

  it('starts anew after a gap, with nothing of before it', () => {
    const stream = new TcnStream(architecture, weights);
    push(stream, 0, 77);
    stream.reset();
    expect(stream.missingRows).toBe(length);
    expect(push(stream, 100, 150)).toEqual(push(new TcnStream(architecture, weights), 100, 150));
  });

  it('keeps its state under 64 KB at the main size', () => {
    const main = { kind: 'tcn', inputSize: 27, channels: 48, kernelSize: 2, layers: 6, headSize: 48 } as const;
    expect(new TcnStream(main, randomWeights(main)).save().byteLength).toBeLessThan(64 * 1024);
  });

  it('refuses a state that is damaged, or of other weights', () => {
    const stream = new TcnStream(architecture, weights);
    push(stream, 0, 50);
    const state = stream.save();
    const damaged = state.slice();
    damaged[100] ^= 1;
    const other = new TcnStream(architecture, randomWeights(architecture));
    for (const [target, bytes, message] of [[stream, damaged, /damaged/], [stream, state.slice(0, 30), /damaged/], [other, state, /other weights/]] as const) {
      const error = refusalOf(() => target.restore(bytes));
      expect(error).toMatchObject({ code: 'stream-state-unreadable' });
      expect(error.message).toMatch(message);
    }
  });
});
