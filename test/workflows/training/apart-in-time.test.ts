import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrainingExamples } from '../../../src/training/training-examples.js';
import { apartInTime, type TimedExamples, type TimeSpan } from '../../../src/workflows/training/apart-in-time.js';

const HORIZON = 2;

/** Sequences of four rows, the first not scored; the last rows have no outcome. */
function examplesOf(rowCount: number): TrainingExamples {
  const weight = Float32Array.from({ length: rowCount }, (_, row) => Number(row > 0 && row + HORIZON < rowCount));
  const ends = Int32Array.from({ length: Math.floor((rowCount - 1) / 3) }, (_, index) => 3 + 3 * index);
  return { rows: new Float32Array(rowCount), rowCount, featureCount: 1, label: new Float32Array(rowCount), weight, length: 4, ends, unscored: 1 };
}

/** Minutes `first, first + step ...`: twenty to learn from, ten to choose by, ten to judge on. */
function symbol(first: number, step: number): TimedExamples {
  const time = Float64Array.from({ length: 40 }, (_, row) => first + row * step);
  return {
    train: examplesOf(20),
    validation: examplesOf(10),
    times: { train: time.slice(0, 20), validation: time.slice(20, 30), validationSpan: { from: time[20], to: time[29] }, judgedSpans: [{ from: time[30], to: time[39] }] },
  };
}

const counting = ({ weight }: TrainingExamples): number[] => [...weight.keys()].filter((row) => weight[row] > 0);

describe('symbols pooled into one model', () => {
  it('of the same minutes lose nothing', () => {
    const parts = [symbol(0, 1), symbol(0, 1)];
    expect(apartInTime(parts, HORIZON)).toEqual(parts);
  });

  it('lose rows whose outcome falls into what another is chosen or judged by', () => {
    // The second trades at every other minute of twice the time: rows 20 to 39 of the first are rows 10 to 19 of its training.
    const [often, seldom] = apartInTime([symbol(0, 1), symbol(0, 2)], HORIZON);
    expect(counting(often.train)).toEqual(counting(symbol(0, 1).train));
    // Decided in minute 14 and known in minute 18; the row decided in minute 16 is known in 20, where the other's validation begins.
    expect(counting(seldom.train)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    // Sequences that end in rows 3, 6, 9 have scored rows among them; the later ones have none.
    expect([...seldom.train.ends]).toEqual([3, 6, 9]);
    // Minutes 40 to 58 come after all that the other has.
    expect(counting(seldom.validation)).toEqual(counting(symbol(0, 2).validation));
  });

  it('one alone is left as it is', () => {
    const part = symbol(0, 1);
    expect(apartInTime([part], HORIZON)[0]).toEqual(part);
  });

  it('no row that counts touches a later part of another, and none else is lost', () => {
    const some = fc.record({ first: fc.integer({ min: 0, max: 40 }), step: fc.integer({ min: 1, max: 4 }) });
    fc.assert(fc.property(fc.array(some, { minLength: 2, maxLength: 4 }), (given) => {
      const before = given.map(({ first, step }) => symbol(first, step));
      const touches = (time: Float64Array, row: number, spans: readonly TimeSpan[]): boolean => spans.some(({ from, to }) => time[row] <= to && time[row + HORIZON] >= from);
      apartInTime(before, HORIZON).forEach((part, at) => {
        const others = before.filter((_, index) => index !== at).map(({ times }) => times);
        const judged = others.flatMap(({ judgedSpans }) => judgedSpans);
        const later = { train: [...judged, ...others.map(({ validationSpan }) => validationSpan)], validation: judged };
        for (const name of ['train', 'validation'] as const) {
          expect(counting(part[name])).toEqual(counting(before[at][name]).filter((row) => !touches(part.times[name], row, later[name])));
        }
      });
    }));
  });
});
