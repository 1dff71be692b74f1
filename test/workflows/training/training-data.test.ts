import { describe, expect, it } from 'vitest';
import { fitColumn } from '../../../src/datasets/scaler.js';
import type { FeatureSet } from '../../../src/features/feature-set.js';
import { createRandom } from '../../../src/random.js';
import { examplesSha256 } from '../../../src/training/example-hash.js';
import type { SymbolData } from '../../../src/workflows/symbol-data.js';
import { prepareTrainingData } from '../../../src/workflows/training/training-data.js';

const ROWS = 2000;
const shape = { windowLength: 10, horizon: 5, maxGapMinutes: 0, fold: { kind: 'purged', folds: 4, fold: 2 } } as const;
const set = { name: 'walk', columns: ['price', 'square'], alignment: 'causal' } as unknown as FeatureSet;

/** A random walk; `changed` rows have other prices. */
function walk(changed: (row: number) => boolean = () => false): SymbolData {
  const random = createRandom(1);
  let price = 100;
  const close = Float64Array.from({ length: ROWS }, (_, row) => (price += random() - 0.5) + (changed(row) ? 100 + (row % 7) : 0));
  const time = close.map((_, row) => row * 60_000);
  return {
    candles: { symbol: 'BTC-SIM', time, close } as unknown as SymbolData['candles'],
    files: [],
    notes: [],
    columns: () => [['price', close], ['square', close.map((value) => value * value)]],
  };
}

describe('a purged fold', () => {
  it('learns from both sides of its hole, scaled by both and by nothing else', () => {
    const data = walk();
    const { ranges, scaler, train, heldOutWindows } = prepareTrainingData(data, set, shape);
    expect(ranges.train).toHaveLength(2);
    const [, column] = [...data.columns(set)][0];
    const { mean, std } = fitColumn('price', column, ranges.train);
    expect([scaler.mean[0], scaler.std[0]]).toEqual([mean, std]);
    expect(train.rowCount).toBe(ranges.train.reduce((sum, { from, to }) => sum + to - from, 0));
    // No window reaches over the hole.
    const before = ranges.train[0].to - ranges.train[0].from;
    expect([...train.ends].some((end) => end >= before && end - shape.windowLength + 1 < before)).toBe(false);
    expect(train.ends).toHaveLength(train.rowCount - 2 * (shape.windowLength - 1 + shape.horizon));
    expect(heldOutWindows?.windows.rowCount).toBe(ranges.heldOut!.to - ranges.heldOut!.from);
  });

  it('computes its features once, however many parts it has', () => {
    const data = walk();
    let asked = 0;
    prepareTrainingData({ ...data, columns: (of) => (asked++, data.columns(of)) }, set, shape);
    expect(asked).toBe(1);
  });

  it('is blind to the test split: other prices there change nothing', () => {
    const told = (data: SymbolData) => {
      const { train, validation, heldOutWindows } = prepareTrainingData(data, set, shape);
      return [examplesSha256(train), examplesSha256(validation), heldOutWindows!.label.join(''), heldOutWindows!.windows.rows.join()];
    };
    const testFrom = Math.floor((85 * ROWS) / 100);
    expect(told(walk((row) => row >= testFrom))).toEqual(told(walk()));
    expect(told(walk((row) => row >= testFrom - 1))).not.toEqual(told(walk()));
  });

  it('learns nothing from the block that judges it', () => {
    const one = prepareTrainingData(walk(), set, shape);
    const { from, to } = one.ranges.heldOut!;
    const other = prepareTrainingData(walk((row) => row >= from && row < to), set, shape);
    expect(other.scaler).toEqual(one.scaler);
    expect(examplesSha256(other.train)).toBe(examplesSha256(one.train));
    expect(examplesSha256(other.validation)).toBe(examplesSha256(one.validation));
  });
});
