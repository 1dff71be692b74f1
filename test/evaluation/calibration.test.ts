import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrationError, closedBin, liveCalibrationError, notebookCalibrationError, reliabilityBins } from '../../src/evaluation/calibration.js';
import { goldenMetrics, goldenWindows } from './golden.js';

describe('ten-bin calibration error', () => {
  it('agrees with the golden values in all three readings', () => {
    const { probability, label } = goldenWindows();
    expect(Math.abs(calibrationError(probability, label) - goldenMetrics.classification.ece)).toBeLessThan(1e-9);
    expect(Math.abs(notebookCalibrationError(probability, label) - goldenMetrics.ece_notebook)).toBeLessThan(1e-9);
    expect(Math.abs(liveCalibrationError(probability, label) - goldenMetrics.ece_scaling)).toBeLessThan(1e-9);
  });

  it('puts every probability into the bin whose edges hold it', () => {
    const nearAnEdge = fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: -2, max: 2 })).map(([edge, steps]) => Math.min(1, Math.max(0, edge / 10 + steps * 2 ** -54)));
    fc.assert(
      fc.property(fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), nearAnEdge), (probability) => {
        const bin = closedBin(probability);
        expect(bin / 10 <= probability && (probability < (bin + 1) / 10 || (bin === 9 && probability === 1))).toBe(true);
      }),
    );
  });

  it('differs between the readings only at the ends: the notebook loses p = 1, the live module p = 0', () => {
    const certainlyUp = [Float64Array.of(1, 0.05), Uint8Array.of(0, 0)] as const;
    expect(calibrationError(...certainlyUp)).toBeCloseTo((1 + 0.05) / 2, 12);
    expect(notebookCalibrationError(...certainlyUp)).toBeCloseTo(0.05 / 2, 12);
    const certainlyDown = [Float64Array.of(0, 0.95), Uint8Array.of(1, 1)] as const;
    expect(calibrationError(...certainlyDown)).toBeCloseTo((1 + 0.05) / 2, 12);
    expect(liveCalibrationError(...certainlyDown)).toBeCloseTo(0.05 / 2, 12);
  });

  it('moves an edge into the bin below in the live reading', () => {
    // 0.45 and 0.5 cancel only when they share a bin.
    const forecast = [Float64Array.of(0.45, 0.5), Uint8Array.of(0, 1)] as const;
    expect(calibrationError(...forecast)).toBeCloseTo((0.45 + 0.5) / 2, 12);
    expect(liveCalibrationError(...forecast)).toBeCloseTo(0.05 / 2, 12);
  });

  it('lists the bins that hold a window', () => {
    expect(reliabilityBins(Float64Array.of(0.5, 0.5, 1), Uint8Array.of(1, 0, 1))).toEqual([
      { low: 0.5, high: 0.6, windows: 2, meanProbability: 0.5, shareUp: 0.5 },
      { low: 0.9, high: 1, windows: 1, meanProbability: 1, shareUp: 1 },
    ]);
  });
});
