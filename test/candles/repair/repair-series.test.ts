import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candles } from '../../../src/candles/candles.js';
import { CANDLE_COLUMNS, MINUTE_MS } from '../../../src/candles/candles.js';
import { checkCandles } from '../../../src/candles/check-candles.js';
import { findGaps } from '../../../src/candles/gaps.js';
import { repairSeries } from '../../../src/candles/repair/repair-series.js';
import { CERTAIN_KINDS } from '../../../src/candles/repair/repair.js';
import { randomCandles } from '../../support/random-candles.js';
import { copyOf, plant, withRows } from '../quality/planted.js';
import type { Planted } from '../quality/planted.js';

/** Equal for equal columns: comparing thousands of numbers one by one takes a test seconds. */
function bytesOf(candles: Candles | undefined): string | undefined {
  if (candles === undefined) return undefined;
  const hash = createHash('sha256');
  for (const column of ['time', ...CANDLE_COLUMNS] as const) hash.update(new Uint8Array(candles[column].buffer));
  return hash.digest('hex');
}

const walk = randomCandles({ rows: 6_000, seed: 3, still: 0.05 });
const rowsOf = ({ time }: Candles): number[] => Array.from(time, (_, row) => row);
const without = (candles: Candles, gone: (time: number) => boolean): Candles => withRows(candles, rowsOf(candles).filter((row) => !gone(candles.time[row])));

/** Plants a defect at random places of `walk` and hands over what it was and what the repair made of it. */
function repairing(kind: string, expectation: (repaired: ReturnType<typeof repairSeries>, planted: Planted) => void, sizes: readonly [min: number, max: number] = [0, 1]): void {
  fc.assert(
    fc.property(fc.integer({ min: 500, max: 4_500 }), fc.integer({ min: 20, max: 200 }), fc.double({ min: sizes[0], max: sizes[1], noNaN: true }), (row, length, size) => {
      const planted = plant[kind](walk, row, length, size);
      expectation(repairSeries(planted.candles), planted);
    }),
    { numRuns: 20 },
  );
}

describe('repairSeries', () => {
  it('does nothing to candles that are right, gaps and still minutes included', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(0, 0.02, 0.3), fc.constantFrom(0, 0.1, 0.9), (seed, gaps, still) => {
        const clean = randomCandles({ rows: 3_000, seed, gaps, still });
        const { candles, ...said } = repairSeries(clean);
        expect([bytesOf(candles), said]).toEqual([bytesOf(clean), { repairs: [], undecided: [], remaining: [] }]);
      }),
      { numRuns: 20 },
    );
  });

  it.each(['duplicate, same values', 'rows out of order'])('brings back exactly what was there: %s', (kind) => {
    repairing(kind, ({ candles, remaining }) => expect([bytesOf(candles), remaining]).toEqual([bytesOf(walk), []]));
  });

  it('moves a stretch back whose clock was an hour wrong', () => {
    repairing('times shifted', ({ candles, repairs }, { from, to }) => {
      expect(bytesOf(candles)).toBe(bytesOf(walk));
      expect(repairs).toMatchObject([{ action: 'moved', kind: 'shifted', from, to }]);
      expect(Math.abs(repairs[0]?.movedMs ?? 0)).toBe(60 * MINUTE_MS);
    }, [0, 0.59]);
  });

  it.each(['bad print', 'bad close', 'an impossible candle', 'an empty value'])('leaves the minutes absent, and their values on record: %s', (kind) => {
    repairing(kind, ({ candles, repairs, remaining }, planted) => {
      expect(bytesOf(candles)).toBe(bytesOf(without(walk, (time) => time >= planted.from && time <= planted.to)));
      expect(remaining).toEqual([]);
      const old = repairs.flatMap((repair) => repair.old ?? []);
      const rows = rowsOf(walk).filter((row) => walk.time[row] >= planted.from && walk.time[row] <= planted.to);
      const stood = rows.map((row) => [walk.time[row], ...CANDLE_COLUMNS.map((column) => planted.candles[column][row])]);
      expect(old).toEqual(stood.map((values) => values.map((value) => (Number.isNaN(value) ? 'NaN' : value))));
    });
  });

  it.each(['frozen', 'interpolated'])('reports and keeps what is not certain, and drops it when named: %s', (kind) => {
    const planted = plant[kind](walk, 3_000, 100, 0.3);
    const kept = repairSeries(planted.candles);
    expect(bytesOf(kept.candles)).toBe(bytesOf(planted.candles));
    expect(kept).toMatchObject({ repairs: [], remaining: [{ kind }] });
    const dropped = repairSeries(planted.candles, { apply: [...CERTAIN_KINDS, planted.kind as 'frozen'] });
    expect(dropped).toMatchObject({ remaining: [], repairs: [{ action: 'dropped', kind }] });
    expect(dropped.candles && findGaps(dropped.candles).missingMinutes).toBe(dropped.repairs[0]?.rows);
  });

  it('gives no candles while a minute has two, until both are given up', () => {
    const { candles: raw, from } = plant['duplicate, different values'](walk, 3_000, 5, 0);
    const open = repairSeries(raw);
    expect(open).toMatchObject({ candles: undefined, undecided: [{ kind: 'duplicate-different', from, rows: 1 }] });
    const given = repairSeries(raw, { apply: [...CERTAIN_KINDS, 'duplicate-different'] });
    expect(bytesOf(given.candles)).toBe(bytesOf(without(walk, (time) => time === from)));
    expect(given.repairs[0]?.old?.map(([time, ...values]) => [time, values.at(-1)])).toEqual([[from, walk.volume[3_000]], [from, raw.volume[3_001]]]);
  });

  it('takes repeated rows and a gap as long for no wrong clock', () => {
    const gap = plant.gap(walk, 3_500, 60, 0).candles;
    const both = plant['duplicate, same values'](gap, 2_000, 60, 0).candles;
    const { candles, repairs } = repairSeries(both);
    expect(bytesOf(candles)).toBe(bytesOf(gap));
    expect(repairs.map(({ kind }) => kind)).toEqual(['out-of-order', 'duplicate-same']);
  });

  it('does not guess at a clock that is a few minutes wrong', () => {
    const { candles, undecided } = repairSeries(plant['times shifted'](walk, 3_000, 100, 0.9).candles);
    expect(candles).toBeUndefined();
    expect(undecided.map(({ kind }) => kind)).toContain('duplicate-different');
  });

  it('puts a whole series on its minutes, from a late clock or closing times', () => {
    for (const past of [1_000, 30_000, 59_999]) {
      const late = copyOf(walk);
      late.time.forEach((time, row) => (late.time[row] = time + past));
      const { candles, repairs } = repairSeries(late);
      expect(bytesOf(candles)).toBe(bytesOf(walk));
      expect(repairs).toMatchObject([{ action: 'moved', kind: 'off-minute', rows: 6_000, movedMs: -past }]);
      expect(repairSeries(late, { apply: [] }).undecided[0]?.kind).toBe('off-minute');
    }
  });

  it('leaves a clock open that could be early or late, and does as it is told', () => {
    const odd = copyOf(walk);
    odd.time.forEach((time, row) => (odd.time[row] = time + 45_000));
    expect(repairSeries(odd).undecided).toMatchObject([{ kind: 'off-minute', rows: 6_000 }]);
    const shifted = repairSeries(odd, { shiftMs: 15_000 });
    expect(bytesOf(shifted.candles)).toBe(bytesOf({ ...walk, time: walk.time.map((time) => time + MINUTE_MS) }));
  });

  it('fills gaps only when asked, only so long ones, and none of its own making', () => {
    const gaps = [[1_000, 3], [2_000, 5], [3_000, 6]].reduce((candles, [row, length]) => plant.gap(candles, row, length, 0).candles, walk);
    const raw = plant['an impossible candle'](gaps, 4_000, 1, 0).candles;
    expect(repairSeries(raw).repairs.filter(({ action }) => action === 'filled')).toEqual([]);
    const { candles, repairs } = repairSeries(raw, { fillGapMinutes: 5 });
    const filled = repairs.filter(({ action }) => action === 'filled');
    expect(filled.map(({ from, rows, price }) => [from, rows, price])).toEqual([[gaps.time[999] + MINUTE_MS, 3, gaps.close[999]], [gaps.time[1_999] + MINUTE_MS, 5, gaps.close[1_999]]]);
    expect(candles && findGaps(candles).list.map(({ minutes }) => minutes)).toEqual([6, 1]);
    expect(candles && CANDLE_COLUMNS.map((column) => candles[column][1_001])).toEqual([gaps.close[999], gaps.close[999], gaps.close[999], gaps.close[999], 0]);
  });

  it('whatever is planted, it ends in candles that are right in form or says what is undecided, and changes nothing it was given', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.keys(plant)), { minLength: 1, maxLength: 4 }), fc.integer({ min: 500, max: 4_000 }), fc.integer({ min: 20, max: 100 }), fc.double({ min: 0, max: 1, noNaN: true }), (kinds, row, length, size) => {
        const raw = kinds.reduce((candles, kind, index) => plant[kind](candles, Math.min(row + 300 * index, candles.time.length - 1_000), length, size).candles, walk);
        const given = bytesOf(raw);
        const { candles, undecided, repairs } = repairSeries(raw, { fillGapMinutes: 10 });
        expect(bytesOf(raw)).toBe(given);
        if (candles === undefined) expect(undecided).not.toEqual([]);
        else {
          checkCandles(candles);
          const rows = (...actions: string[]): number => repairs.filter(({ action }) => actions.includes(action)).reduce((sum, repair) => sum + repair.rows, 0);
          expect(candles.time.length).toBe(raw.time.length - rows('dropped') + rows('filled'));
        }
        const again = repairSeries(raw, { fillGapMinutes: 10 });
        expect([bytesOf(again.candles), again.undecided, again.repairs]).toEqual([bytesOf(candles), undecided, repairs]);
      }),
      { numRuns: 60 },
    );
  });
});
