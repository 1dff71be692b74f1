import { describe, expect, it } from 'vitest';
import { rowNames } from '../../src/report/row-names.js';
import { marks, why } from '../../src/report/verdict.js';
import { aFailingModel, aLeakyModel, aModel, anEvaluation } from '../support/run-result.js';

const gates = { accuracy: 0.68, calibration: 0.05 };
const suspect = { ...aModel().gate, passed: false, verdict: 'SUSPECT' as const };

describe('why', () => {
  it('names the gates that failed, with both numbers', () => {
    expect(why(aFailingModel(), gates)).toBe('accuracy 47.8 % misses the gate of 68.0 %, and calibration error 13.1 % exceeds the gate of 5.0 %');
  });

  it('shows as many digits as tell a value from its gate', () => {
    const model = aFailingModel({ evaluation: anEvaluation({ accuracy: 0.67996 }), gate: { ...aFailingModel().gate, calibrationPassed: true } });
    expect(why(model, gates)).toBe('accuracy 67.996 % misses the gate of 68.000 %');
  });

  it('tells too few windows from a calibration that is off', () => {
    const evaluation = anEvaluation({}, { windows: 812 });
    const gate = { ...aFailingModel().gate, accuracyPassed: true };
    expect(why(aModel({ evaluation, gate }), gates)).toBe('812 windows are too few to judge calibration');
  });

  it('says of a leaky pass what is left of it on causal features', () => {
    expect(why(aLeakyModel(), gates)).toBe('its features see the future (on causal ones accuracy is 51.3 %)');
  });

  it.each([
    [{ precision: 'int8' as const }, 'int8 only screens: run fp32'],
    [{ seenInTraining: true }, 'it was trained on rows that were scored'],
    [{ checks: { ...aModel().checks, shuffledLabels: { shifts: 1000, pValue: 0.4, suspect: true } } }, 'it does as well on shuffled labels'],
    [{ checks: { ...aModel().checks, barLag: { accuracy: 0.73, laggedAccuracy: 0.6, baseline: 0.5, edgeLost: 0.6, suspect: true } } }, '60 % of its edge is gone one bar later'],
    [{ checks: {} }, 'not every check was run'],
    [{ checks: { ...aModel().checks, barLag: { notRun: 'no window has one that ends a row earlier' } } }, 'not every check was run'],
    [{ evaluation: anEvaluation({}, { accuracyInterval: { low: 0.51, high: 0.8 } }) }, 'accuracy is not clearly above always the same answer (51.2 %)'],
  ])('says what makes a pass a suspect: %#', (changes, expected) => {
    expect(why(aModel({ ...changes, gate: suspect }), gates)).toBe(expected);
  });

  it('holds the majority against a pass, as the gate does, and not persistence', () => {
    const abovePersistenceNot = anEvaluation({}, { accuracyInterval: { low: 0.58, high: 0.8 } });
    expect(why(aModel({ gate: suspect, checks: {}, evaluation: abovePersistenceNot }), gates)).toBe('not every check was run');
  });

  it('says of a failing gate neither int8 nor a check that was not run', () => {
    const failing = { gate: { ...suspect, calibrationPassed: false }, evaluation: anEvaluation({ calibrationError: 0.1 }), precision: 'int8' as const, checks: {} };
    expect(why(aLeakyModel(failing), gates)).toBe('its features see the future (on causal ones accuracy is 51.3 %), and calibration error 10.0 % exceeds the gate of 5.0 %');
  });

  it.each([
    [0.58, 0.588, '; but not clearly better than persistence (58.8 %)'],
    [0.7, 0.74, '; but worse than persistence (74.0 %)'],
    [0.7, 0.588, ''],
  ])('says of a pass that persistence does as well: interval from %f, persistence %f', (low, persistenceAccuracy, caveat) => {
    const evaluation = anEvaluation({}, { accuracyInterval: { low, high: 0.8 }, baselines: { majorityAccuracy: 0.512, persistenceAccuracy, best: persistenceAccuracy } });
    expect(why(aModel({ evaluation }), gates)).toBe(`both gates pass, and look-ahead, shuffled labels and one-bar lag speak for it${caveat}`);
  });

  it('falls back on the first reason of the gate', () => {
    expect(why(aModel({ gate: { ...suspect, reasons: ['Something else.'] } }), gates)).toBe('Something else.');
  });
});

describe('marks', () => {
  it('says what must not be missed', () => {
    expect(marks(aModel())).toEqual([]);
    expect(marks(aLeakyModel({ precision: 'int8' }))).toEqual(['LEAKY', 'INT8', 'ASSUMED']);
  });
});

describe('rowNames', () => {
  it('names a model by its symbol, and by its file where it must', () => {
    const model = (symbol: string, model: string) => ({ symbol, model });
    expect(rowNames([model('BTC', 'a.pt'), model('ETH', 'b.pt')])).toEqual(['BTC', 'ETH']);
    expect(rowNames([model('BTC', 'a.pt'), model('BTC', 'b.pt'), model('BTC', 'b.pt')])).toEqual(['BTC a.pt', 'BTC b.pt', 'BTC b.pt (2)']);
  });
});
