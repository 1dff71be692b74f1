import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../../src/candles/candles.js';
import { compareSeries } from '../../../src/candles/quality/two-exchanges.js';
import { randomCandles } from '../../support/random-candles.js';
import { copyOf } from './planted.js';

const ours = randomCandles({ rows: 6_000, seed: 11 });

/** The same market a basis point or so apart. */
function elsewhere() {
  const candles = copyOf(ours);
  for (let row = 0; row < 6_000; row++) candles.close[row] *= 1 + 1e-4 * Math.sin(row * 12.9898) * Math.cos(row * 0.7);
  return candles;
}

const kinds = (theirs = elsewhere()) => compareSeries({ name: 'coinbase', candles: ours }, { name: 'kraken', candles: theirs }).findings;

describe('compareSeries', () => {
  it('finds nothing in two prices of one market', () => expect(kinds()).toEqual([]));

  it('finds a stretch that is an hour late', () => {
    const theirs = elsewhere();
    theirs.close.copyWithin(2_060, 2_000, 2_600);
    const late = kinds(theirs).filter(({ kind }) => kind === 'lagged');
    expect(late.length).toBeGreaterThan(0);
    for (const { values, from } of late) {
      expect(values).toContain('kraken 60 minutes after coinbase');
      expect((from - ours.time[0]) / MINUTE_MS).toBeGreaterThan(1_800);
    }
  });

  it('finds a lasting offset', () => {
    const theirs = elsewhere();
    for (let row = 0; row < 6_000; row++) theirs.close[row] *= 0.98;
    expect(kinds(theirs)).toMatchObject([{ kind: 'offset', values: 'coinbase 204.1 bps from kraken in the usual minute' }]);
  });

  it('finds the minutes in which they disagree', () => {
    const theirs = elsewhere();
    theirs.close[3_000] *= 1.03;
    theirs.close[3_001] *= 1.03;
    expect(kinds(theirs)).toMatchObject([{ kind: 'disagreement', from: ours.time[3_000], to: ours.time[3_001], rows: 2 }]);
  });

  it('says nothing of series that never meet', () => {
    const later = randomCandles({ rows: 500, start: '2024-03-01T00:00:00Z' });
    expect(compareSeries({ name: 'a', candles: ours }, { name: 'b', candles: later })).toEqual({ minutes: 0, findings: [] });
  });
});
