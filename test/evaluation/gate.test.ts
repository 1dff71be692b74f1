import { describe, expect, it } from 'vitest';
import type { Evaluation, GateDecision } from '../../src/evaluation/evaluation.js';
import { decideGate } from '../../src/evaluation/gate.js';
import type { GateInput } from '../../src/evaluation/gate.js';
import { evaluateWindows } from '../../src/evaluation/evaluate-windows.js';
import { scoredMarket } from './simulated.js';

const base = evaluateWindows(scoredMarket(6000, 0.5, 1), { resamples: 200 });

/** An evaluation that passes both gates of 68 % and 5 %, changed where a test needs it. */
function evaluation(change: { accuracy?: number; low?: number; high?: number; windows?: number; calibrationError?: number; baseline?: number; persistence?: number } & Partial<Evaluation> = {}): Evaluation {
  const { accuracy = 0.72, low = 0.7, high = 0.74, windows = 6000, calibrationError = 0.03, baseline = 0.51, persistence = 0.5, ...rest } = change;
  return {
    ...base,
    windows,
    classification: { ...base.classification, accuracy },
    accuracyInterval: { low, high },
    baselines: { majorityAccuracy: baseline, persistenceAccuracy: persistence, best: Math.max(baseline, persistence) },
    calibration: { ...base.calibration, error: calibrationError, debiased: { value: 0.02, interval: { low: 0, high: 0.04 } }, noiseFloor: 0.025 },
    breakEven: { accuracy: 0.7, tradedAccuracy: 0.75, meanMoveBps: 37.5, meanCostBps: 15 },
    trades: { ...base.trades, both: { ...base.trades.both, netReturn: 0.02 } },
    ...rest,
  };
}

const clean: GateInput['checks'] = {
  shuffledLabels: { shifts: 1000, pValue: 1 / 1001, suspect: false },
  barLag: { accuracy: 0.72, laggedAccuracy: 0.71, baseline: 0.51, edgeLost: 0.05, suspect: false },
};

const decide = (change: Partial<GateInput> = {}): GateDecision =>
  decideGate({ evaluation: evaluation(), gates: { accuracy: 0.68, calibration: 0.05 }, leaky: false, precision: 'fp32', checks: clean, ...change });

describe('decideGate', () => {
  it('promotes a model that passes both gates and every check', () => {
    const decision = decide();
    expect(decision).toMatchObject({ accuracyPassed: true, calibrationPassed: true, passed: true, verdict: 'PROMOTE' });
    expect(decision.reasons).toEqual([
      expect.stringMatching(/^Accuracy 72\.0 % reaches the gate of 68\.0 % \(95 % interval 70\.0 to 74\.0 %; 6,000 windows, worth [\d,]+ independent ones\)\.$/) as string,
      'Calibration error 3.0 % is within the gate of 5.0 % (debiased 2.0 %, 95 % interval 0.0 to 4.0 %; a perfectly calibrated model would show about 2.5 % here).',
      'Shuffled labels do not do as well (p = 0.001 over 1,000 shifts).',
      'It does not rest on the last candle: one bar later it loses 5 % of its edge over always saying the same (72.0 % becomes 71.0 %).',
      'Published work puts the 15-minute direction of crypto from candles at 51 to 55 %, so a pass is first of all a suspect; the look-ahead, shuffled-label and one-bar-lag checks have cleared this one.',
    ]);
  });

  it('suspects a pass on rows the model was trained on', () => {
    const decision = decide({ seenInTraining: true });
    expect(decision).toMatchObject({ accuracyPassed: true, passed: false, verdict: 'SUSPECT' });
    expect(decision.reasons).toContain('Rows that were scored were among those the model was trained on: a pass says nothing about new data.');
    expect(decide({ seenInTraining: true, evaluation: evaluation({ accuracy: 0.6, low: 0.58, high: 0.62 }) }).verdict).toBe('RETRAIN');
  });

  it('decides on the point values, to the last digit, and shows enough of them', () => {
    expect(decide({ evaluation: evaluation({ accuracy: 0.68, calibrationError: 0.05 }) }).verdict).toBe('PROMOTE');
    const short = decide({ evaluation: evaluation({ accuracy: 0.67999, low: 0.66, high: 0.7 }) });
    expect(short).toMatchObject({ accuracyPassed: false, passed: false, verdict: 'RETRAIN' });
    expect(short.reasons[0]).toContain('Accuracy 67.999 % misses the gate of 68.000 %');
    expect(short.reasons[1]).toBe('The gate lies within the interval: more data may decide otherwise.');
    expect(decide({ evaluation: evaluation({ calibrationError: 0.0500001 }) })).toMatchObject({ calibrationPassed: false, verdict: 'RETRAIN' });
  });

  it('fails calibration below 1,000 windows and says why', () => {
    const decision = decide({ evaluation: evaluation({ windows: 999 }) });
    expect(decision).toMatchObject({ accuracyPassed: true, calibrationPassed: false, passed: false, verdict: 'RETRAIN' });
    expect(decision.reasons.join(' ')).toContain('999 windows are too few for the calibration gate, which needs 1,000');
    expect(decide({ evaluation: evaluation({ windows: 1000 }) }).passed).toBe(true);
  });

  it('suspects any pass under a leaky alignment, whatever the checks say', () => {
    const decision = decide({ leaky: true });
    expect(decision).toMatchObject({ passed: false, verdict: 'SUSPECT' });
    expect(decision.reasons.join(' ')).toContain('LEAKY: the features could see up to 59 minutes of the future, so a pass proves nothing');
    expect(decision.reasons.at(-1)).toMatch(/until the look-ahead, .* checks have cleared it/);
    expect(decide({ leaky: true, evaluation: evaluation({ calibrationError: 0.2 }) }).verdict).toBe('SUSPECT');
    expect(decide({ leaky: true, evaluation: evaluation({ accuracy: 0.58, low: 0.55, high: 0.6 }) }).verdict).toBe('RETRAIN');
  });

  it('suspects a pass that a check does not clear', () => {
    const shuffled = decide({ checks: { ...clean, shuffledLabels: { shifts: 1000, pValue: 0.02, suspect: true } } });
    expect(shuffled).toMatchObject({ passed: false, verdict: 'SUSPECT' });
    expect(shuffled.reasons.join(' ')).toContain('p = 0.020');
    const lagged = decide({ checks: { ...clean, barLag: { accuracy: 0.72, laggedAccuracy: 0.55, baseline: 0.51, edgeLost: 0.81, suspect: true } } });
    expect(lagged).toMatchObject({ passed: false, verdict: 'SUSPECT' });
    expect(lagged.reasons.join(' ')).toContain('loses 81 % of its edge');
  });

  it('suspects a pass of which a check was not run', () => {
    const decision = decide({ checks: { shuffledLabels: { notRun: '500 windows are too few' } } });
    expect(decision).toMatchObject({ passed: false, verdict: 'SUSPECT' });
    expect(decision.reasons).toContain('The shuffled-label check was not run: 500 windows are too few.');
    expect(decision.reasons).toContain('The one-bar-lag check was not run.');
    // Nothing to clear where a gate failed.
    expect(decide({ checks: {}, evaluation: evaluation({ calibrationError: 0.2 }) }).verdict).toBe('RETRAIN');
  });

  it('never lets int8 decide: a pass is a suspect, a failure of either gate stays one', () => {
    const decision = decide({ precision: 'int8' });
    expect(decision).toMatchObject({ passed: false, verdict: 'SUSPECT' });
    for (const change of [{ accuracy: 0.6, low: 0.58, high: 0.62 }, { calibrationError: 0.2 }, { windows: 999 }]) {
      const failed = decide({ precision: 'int8', evaluation: evaluation(change) });
      expect(failed).toMatchObject({ passed: false, verdict: 'RETRAIN' });
      expect(failed.reasons[0]).toBe(decision.reasons[0]);
    }
    expect(decision.reasons[0]).toContain('run again with --precision fp32');
  });

  it('suspects under int8 what it suspects under fp32', () => {
    expect(decide({ precision: 'int8', leaky: true, evaluation: evaluation({ calibrationError: 0.2 }) }).verdict).toBe('SUSPECT');
  });

  it('says when the baseline does as well, and suspects what the most frequent answer reaches', () => {
    const persistent = decide({ evaluation: evaluation({ persistence: 0.73 }) });
    expect(persistent.reasons).toContain('Accuracy 72.0 % is below the baseline of 73.0 % ("it goes on as it went"): no model at all does better.');
    expect(persistent.verdict).toBe('PROMOTE');
    const lopsided = decide({ evaluation: evaluation({ baseline: 0.71 }) });
    expect(lopsided.reasons.join(' ')).toContain('Accuracy is not clearly above the baseline of 71.0 % ("always the same answer")');
    expect(lopsided).toMatchObject({ passed: false, verdict: 'SUSPECT' });
  });

  it('names each baseline that is not beaten, so that the one which makes a suspect is among them', () => {
    const { verdict, reasons } = decide({ evaluation: evaluation({ baseline: 0.705, persistence: 0.73 }) });
    expect(verdict).toBe('SUSPECT');
    expect(reasons).toContain('Accuracy is not clearly above the baseline of 70.5 % ("always the same answer"): the interval reaches down to it.');
    expect(reasons).toContain('Accuracy 72.0 % is below the baseline of 73.0 % ("it goes on as it went"): no model at all does better.');
    expect(decide().reasons.join(' ')).not.toContain('baseline');
  });

  it('says when the interval reaches below the gate', () => {
    expect(decide({ evaluation: evaluation({ low: 0.66 }) }).reasons.join(' ')).toContain('The interval reaches below the gate');
  });

  it('says when trading costs eat the edge', () => {
    const means = { meanMoveBps: 20, meanCostBps: 15 };
    const high = decide({ evaluation: evaluation({ breakEven: { accuracy: 0.875, tradedAccuracy: 0.75, ...means } }) });
    expect(high.reasons).toContain('Break-even after costs needs 87.5 % of the trades to be right, and 75.0 % were (mean move 20.0 bps, cost 15.0 bps).');
    const never = decide({ evaluation: evaluation({ breakEven: { tradedAccuracy: 0.75, meanMoveBps: 10, meanCostBps: 15 } }) });
    expect(never.reasons).toContain('No accuracy would break even after costs (mean move 10.0 bps, cost 15.0 bps).');
    const losing = decide({ evaluation: evaluation({ trades: { ...base.trades, both: { ...base.trades.both, netReturn: -0.0155 } } }) });
    expect(losing.reasons).toContain('The simulated trades lose 1.55 % of the balance.');
  });

  it('says when the gate asks for less noise than the size allows', () => {
    const noisy = evaluation({ calibrationError: 0.06 });
    const decision = decide({ evaluation: { ...noisy, calibration: { ...noisy.calibration, noiseFloor: 0.055 } } });
    expect(decision.reasons).toContain('Chance alone makes an error as large as the gate at this size: evaluate more data.');
  });
});
