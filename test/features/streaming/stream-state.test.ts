import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { featureRecipe } from '../../../src/features/feature-recipes.js';
import { featureSet } from '../../../src/features/feature-sets.js';
import { derivedStream } from '../../../src/features/streaming/derived-stream.js';
import { openState, sealState } from '../../../src/features/streaming/stream-state.js';
import { v1Stream } from '../../../src/features/streaming/v1-stream.js';
import { v2Stream } from '../../../src/features/streaming/v2-stream.js';
import { randomCandles } from '../../support/random-candles.js';
import { pushRow } from '../../support/streams.js';

const V2 = featureSet('v2-50');
const candles = randomCandles({ rows: 400, gaps: 0.1 });
const derivedV2 = (): ReturnType<typeof derivedStream> => derivedStream(featureRecipe('v2-50'));

function after(rows: number, open = v2Stream): ReturnType<typeof v2Stream> {
  const stream = open();
  for (let row = 0; row < rows; row++) pushRow(stream, candles, row);
  return stream;
}

const refused = (restore: () => void): InputError => {
  try {
    restore();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('it was not refused');
};

describe('the saved state of a stream', () => {
  it.each([['v1-31', v1Stream, 1200], ['v2-50', v2Stream, 2400], ['v2-50 derived', derivedV2, 6500]] as const)('is small: %s', (_, open, most) => {
    expect(after(300, open).save().length).toBeLessThan(most);
  });

  it.each([v1Stream, v2Stream, derivedV2])('is the same bytes for the same candles, whether there was a restart or not', (open) => {
    const restarted = open();
    restarted.restore(after(250, open).save());
    for (let row = 250; row < 400; row++) pushRow(restarted, candles, row);
    expect(restarted.save()).toEqual(after(400, open).save());
  });

  it('can be restored before the first candle, and into a stream that has seen others', () => {
    const used = after(300);
    used.restore(v2Stream().save());
    expect([...pushRow(used, candles, 0)]).toEqual([...pushRow(v2Stream(), candles, 0)]);
  });

  it('keeps every number to the bit', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), fc.array(fc.double()), fc.uint8Array(), (first, second, inner) => {
        const opened = openState(V2, 'test-1', sealState(V2, 'test-1', { first, second }, inner));
        const same = (name: string, values: readonly number[]): boolean => opened.lists[name].length === values.length && values.every((value, i) => Object.is(value, opened.lists[name][i]));
        expect([same('first', first), same('second', second)]).toEqual([true, true]);
        expect([...opened.inner]).toEqual([...inner]);
      }),
    );
  });

  it('is refused with any byte changed, and the stream stays as it was', () => {
    const state = after(150).save();
    const stream = after(200);
    const before = stream.save();
    fc.assert(
      fc.property(fc.nat(state.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = state.slice();
        damaged[at] ^= change;
        expect(refused(() => stream.restore(damaged)).code).toBe('stream-state-unreadable');
      }),
    );
    expect(stream.save()).toEqual(before);
  });

  it('is refused when it is cut short, padded or something else', () => {
    const state = after(150).save();
    fc.assert(
      fc.property(fc.nat(state.length - 1), (length) => {
        expect(refused(() => v2Stream().restore(state.slice(0, length))).code).toBe('stream-state-unreadable');
      }),
    );
    for (const other of [new Uint8Array([...state, 0]), new Uint8Array(0), new TextEncoder().encode('{"set":"v2-50","alignment":"causal"}')]) {
      expect(refused(() => v2Stream().restore(other)).code).toBe('stream-state-unreadable');
    }
  });

  it('is refused from another set, other columns, another form, another version', () => {
    const state = after(150).save();
    expect(refused(() => v1Stream().restore(state)).message).toMatch('it is of v2-50 causal, not of v1-31 causal');
    expect(refused(() => derivedV2().restore(state)).message).toMatch('saved by the form own-1, this one is derived-1/');
    const renamed = { ...V2, columns: V2.columns.map((name) => `${name}_`) };
    expect(refused(() => openState(renamed, 'own-1', state)).message).toMatch('v2-50 had other columns');
    const future = state.slice();
    future[4]++;
    expect(refused(() => v2Stream().restore(future)).message).toMatch('its version is 2, this program reads 1');
  });

  it('is refused when its numbers are not a stream of that set', () => {
    for (const lists of [{}, { rows: [-1] }, { rows: [1.5] }, { rows: [3], close: [1, 2] }]) {
      expect(refused(() => v2Stream().restore(sealState(V2, 'own-1', lists))).code).toBe('stream-state-unreadable');
    }
  });
});
