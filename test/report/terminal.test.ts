import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderCausalScores, renderPooled, renderTable, renderVerdicts } from '../../src/report/terminal.js';
import { aBareModel, aCostlyModel, aFailingModel, aLeakyModel, aModel, aRun, without } from '../support/run-result.js';

const run = aRun({ models: [aModel(), aFailingModel(), aLeakyModel(), aBareModel()] });
const escape = '\u001B';
// eslint-disable-next-line no-control-regex
const visible = (text: string) => text.replace(/\u001B\[[\d;]*m/g, '');

describe('renderTable', () => {
  it('is plain text in aligned columns for a log', () => {
    expect(renderTable(run, { width: 80, color: false })).toBe(
      [
        'Symbol   Verdict  Accuracy          95 %  Baseline  Calib. err.  Marks',
        'ETH-SIM  PROMOTE    72.8 %  [69.7, 75.9]    58.8 %        2.4 %',
        'SOL-SIM  RETRAIN    47.8 %  [44.7, 50.9]    58.8 %       13.1 %',
        'BTC-USD  SUSPECT    72.8 %  [69.7, 75.9]    58.8 %        2.4 %  LEAKY ASSUMED',
        'XRP-USD  RETRAIN    50.0 %  [46.9, 53.1]   100.0 %       20.0 %',
      ].join('\n'),
    );
  });

  it('shows all it has on a wide terminal, and - for what was not computed', () => {
    const lines = renderTable(run, { width: 200, color: false }).split('\n');
    expect(lines[0]).toMatch(/Break-even.*Noise floor.*Brier skill.*Net return.*Windows.*Effective.*Windows\/s/);
    expect(lines[4]).toMatch(/100\.0 % {2,}- {2,}20\.0 % {2,}1\.9 % {2,}- {2,}0\.00 %/);
  });

  it('tells a break-even that no accuracy reaches from nothing traded', () => {
    const breakEven = (model: ReturnType<typeof aModel>) => /Break-even\s+(.+)/.exec(renderTable(aRun({ models: [model] }), { width: 1, color: false }))?.[1];
    expect([aModel(), aCostlyModel(), aBareModel()].map(breakEven)).toEqual(['63.3 %', 'none', '-']);
  });

  it('is never wider than the terminal', () => {
    fc.assert(
      fc.property(fc.integer({ min: 28, max: 220 }), fc.boolean(), (width, color) => {
        for (const line of visible(renderTable(run, { width, color })).split('\n')) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('keeps symbol, verdict, accuracy and the LEAKY mark however narrow it is', () => {
    for (const width of [20, 50, 80]) {
      const text = renderTable(run, { width, color: false });
      for (const part of ['BTC-USD', 'SUSPECT', '72.8 %', 'LEAKY']) expect(text).toContain(part);
    }
  });

  it('colours the verdict on a terminal only', () => {
    expect(renderTable(run, { width: 120, color: true })).toContain(`${escape}[1;33mSUSPECT${escape}[0m`);
    expect(renderTable(run, { width: 120, color: false })).not.toContain(escape);
  });

  it('has no marks column when there is nothing to mark', () => {
    expect(renderTable(aRun({ models: [aModel()] }), { width: 200, color: false })).not.toContain('Marks');
  });
});

describe('renderVerdicts', () => {
  it('is one line a model: verdict, numbers and why', () => {
    expect(renderVerdicts(aRun(), { color: false })).toEqual([
      'ETH-SIM  PROMOTE  accuracy 72.8 % [69.7, 75.9], calibration error 2.4 %: both gates pass, and look-ahead, shuffled labels and one-bar lag speak for it',
      'SOL-SIM  RETRAIN  accuracy 47.8 % [44.7, 50.9], calibration error 13.1 %: accuracy 47.8 % misses the gate of 68.0 %, and calibration error 13.1 % exceeds the gate of 5.0 %',
      'BTC-USD  SUSPECT  LEAKY  accuracy 72.8 % [69.7, 75.9], calibration error 2.4 %: its features see the future (on causal ones accuracy is 51.3 %)',
    ]);
  });

  it('tells two models of one symbol apart', () => {
    const models = [aModel({ model: 'old.pt' }), aModel({ model: 'new.pt' })];
    expect(renderVerdicts(aRun({ models }), { color: false }).map((line) => line.split('  ')[0])).toEqual(['ETH-SIM old.pt', 'ETH-SIM new.pt']);
  });

  it('lets no name move the cursor', () => {
    const hostile = aRun({ models: [aModel({ symbol: `${escape}[2JETH\r\n\u202E` })] });
    expect(renderVerdicts(hostile, { color: false })[0]).toMatch(/^\?\[2JETH\?\?\? {2}PROMOTE/);
    expect(renderTable(hostile, { width: 100, color: false })).not.toContain(escape);
  });
});

describe('renderCausalScores', () => {
  it('is a line for each leaky model that was scored again', () => {
    expect(renderCausalScores(aRun())).toEqual(['BTC-USD  LEAKY 72.8 %; on causal features 51.3 % [48.8, 53.7]']);
    expect(renderCausalScores(aRun({ models: [aModel(), without(aLeakyModel(), 'causalRescore')] }))).toEqual([]);
  });
});

describe('renderPooled', () => {
  it('is a line where models were pooled, and nothing else', () => {
    expect(renderPooled(aRun())).toMatch(/^All 3 models together: accuracy 64\.5 % \[62\.1, 66\.8\], baseline 58\.8 %/);
    expect(renderPooled(without(aRun(), 'pooled'))).toBeUndefined();
  });
});
