import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCandles } from '../../../src/candles/read-candles.js';
import type { Candles } from '../../../src/candles/candles.js';
import { checkSeries } from '../../../src/candles/quality/check-series.js';
import { severityOf } from '../../../src/candles/quality/finding.js';
import { cutCandles, randomCandles } from '../../support/random-candles.js';
import { describeWithShared, projectRoot } from '../../support/requirements.js';
import { copyOf, plant } from './planted.js';

const defectsOf = (candles: Candles) => checkSeries(candles).findings.filter(({ kind }) => severityOf(kind) === 'defect');

/** Plants one defect at a random place and expects it among the findings, where it is. */
function findsWhatIsPlanted(clean: Candles, kind: keyof typeof plant, runs: number): void {
  const rows = clean.time.length;
  fc.assert(
    fc.property(fc.integer({ min: 500, max: rows - 1000 }), fc.integer({ min: 20, max: 200 }), fc.double({ min: 0, max: 1, noNaN: true }), (row, length, size) => {
      const planted = plant[kind](clean, row, length, size);
      const { findings } = checkSeries(planted.candles);
      const found = findings.filter((finding) => finding.kind === planted.kind && finding.from <= planted.to && finding.to >= planted.from);
      expect(found, JSON.stringify(findings.slice(0, 5))).not.toHaveLength(0);
    }),
    { numRuns: runs },
  );
}

describe('checkSeries', () => {
  const walk = randomCandles({ rows: 6_000, seed: 3, still: 0.05 });

  it('finds no defect in simulated candles, still ones and gaps included', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(0, 0.02, 0.3), fc.constantFrom(0, 0.1, 0.5, 0.9), (seed, gaps, still) => {
        expect(defectsOf(randomCandles({ rows: 5_000, seed, gaps, still }))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('finds no defect in the sample data', () => {
    const folder = join(projectRoot, 'data/sample');
    for (const file of readdirSync(folder)) expect(defectsOf(readCandles(join(folder, file)))).toEqual([]);
  });

  it.each(Object.keys(plant))('finds, planted in simulated candles: %s', (kind) => findsWhatIsPlanted(walk, kind, 30));

  it('needs a longer stand-still where standing still is the rule', () => {
    const shortest = (still: number): number => {
      const clean = randomCandles({ rows: 6_000, seed: 5, still });
      return [8, 16, 32, 64, 128, 256].find((length) => checkSeries(plant.frozen(clean, 3_000, length, 0).candles).findings.some(({ kind }) => kind === 'frozen')) ?? Infinity;
    };
    expect(shortest(0)).toBeLessThan(shortest(0.5));
    expect(shortest(0.5)).toBeLessThan(shortest(0.9));
  });

  it('changes nothing', () => {
    for (const planted of Object.values(plant).map((into) => into(walk, 3_000, 60, 0.2))) {
      const given = copyOf(planted.candles);
      checkSeries(planted.candles);
      for (const column of ['time', 'open', 'high', 'low', 'close', 'volume'] as const) {
        expect(Buffer.compare(Buffer.from(given[column].buffer), Buffer.from(planted.candles[column].buffer))).toBe(0);
      }
    }
  });

  it('takes nothing for a series', () => {
    expect(checkSeries(cutCandles(walk, 0, 0))).toMatchObject({ rows: 0, findings: [], days: [], completeness: 0 });
    expect(checkSeries(cutCandles(walk, 0, 1)).findings).toEqual([]);
  });

  it('says how much of each day is there', () => {
    const candles = plant.gap(cutCandles(walk, 0, 2_000), 100, 144, 0).candles;
    expect(checkSeries(candles).days.map(({ minutes, of }) => [minutes, of])).toEqual([[1296, 1440], [560, 560]]);
  });
});

describeWithShared('checkSeries on real candles', (samples) => {
  const real = readdirSync(join(samples, 'real')).filter((file) => /-USDT_1m_2025.*\.parquet$/.test(file));
  it.each(real)('finds no defect in %s', (file) => {
    expect(defectsOf(readCandles(join(samples, 'real', file)))).toEqual([]);
  });

  const month = cutCandles(readCandles(join(samples, 'real', real[0] ?? '')), 0, 15_000);
  it.each(Object.keys(plant))('finds, planted in a real file: %s', (kind) => findsWhatIsPlanted(month, kind, 10));
});
