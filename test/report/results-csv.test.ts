import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csvLine } from '../../src/report/csv-line.js';
import { resultsCsv } from '../../src/report/results-csv.js';
import { aBareModel, aFailingModel, aLeakyModel, aModel, anEvaluation, aRun } from '../support/run-result.js';

const rowsOf = (text: string) => parse<Record<string, string>>(text, { columns: true });

describe('evaluation_results.csv', () => {
  it("has the original's seven columns first, and the others in the documented order", () => {
    expect(resultsCsv(aRun()).split('\n')[0]).toBe(
      'symbol,accuracy,precision,recall,f1,calibration_error,num_samples,' +
        'model,feature_set,alignment,leaky,split,from,to,effective_samples,' +
        'accuracy_low,accuracy_high,baseline_accuracy,auc,brier,brier_skill,log_loss,calibration_error_debiased,coverage_at_gate,' +
        'trades,win_rate,break_even_accuracy,net_return,max_drawdown,sharpe,gate_accuracy,gate_calibration,passed,reasons,engine,precision_mode,' +
        'seconds,windows_per_second',
    );
  });

  it('has one row a model, in order, and no pooled row', () => {
    expect(rowsOf(resultsCsv(aRun())).map((row) => row.symbol)).toEqual(['ETH-SIM', 'SOL-SIM', 'BTC-USD']);
    expect(rowsOf(resultsCsv(aRun({ models: [] })))).toEqual([]);
  });

  it('writes times as ISO 8601 in UTC, truth as true and false, modes as words', () => {
    const [model, , leaky] = rowsOf(resultsCsv(aRun({ models: [aModel(), aFailingModel(), aLeakyModel({ precision: 'int8' })] })));
    expect(model).toMatchObject({
      from: '2025-05-30T12:00:00Z',
      to: '2025-06-03T21:48:00Z',
      leaky: 'false',
      gate_accuracy: 'true',
      gate_calibration: 'true',
      passed: 'true',
      precision_mode: 'fp32',
      num_samples: '6349',
    });
    expect(leaky).toMatchObject({ leaky: 'true', alignment: 'legacy', gate_accuracy: 'true', passed: 'false', precision_mode: 'int8' });
  });

  it('takes the trade figures from trading both ways, as break-even does', () => {
    const evaluation = anEvaluation();
    const [row] = rowsOf(resultsCsv(aRun({ models: [aModel({ evaluation })] })));
    expect(row).toMatchObject({
      trades: String(evaluation.trades.both.trades),
      net_return: String(evaluation.trades.both.netReturn),
      break_even_accuracy: '0.633',
    });
  });

  it('leaves absent and not finite figures empty', () => {
    const evaluation = aBareModel().evaluation;
    const [row] = rowsOf(resultsCsv(aRun({ models: [aBareModel({ evaluation: { ...evaluation, effectiveSamples: NaN } })] })));
    for (const column of ['auc', 'brier_skill', 'coverage_at_gate', 'win_rate', 'break_even_accuracy', 'sharpe', 'effective_samples']) {
      expect(row?.[column], column).toBe('');
    }
    expect(row).toMatchObject({ trades: '0', net_return: '0' });
  });

  it('joins the reasons into one field', () => {
    const reasons = ['Accuracy is low, "very" low.', 'It has\na line break.'];
    const [row] = rowsOf(resultsCsv(aRun({ models: [aModel({ gate: { ...aModel().gate, reasons } })] })));
    expect(row?.reasons).toBe('Accuracy is low, "very" low; It has\na line break');
  });
});

describe('csvLine', () => {
  it('is read back as it was by any CSV reader, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 2 }), (fields) => {
        expect(parse(`${csvLine(fields)}\n`, { relax_column_count: true, skip_empty_lines: false, record_delimiter: '\n' })).toEqual([fields]);
      }),
    );
  });

  it('writes numbers with all their digits and no more', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(csvLine([value]))).toBe(value === 0 ? 0 : value);
      }),
    );
    expect(csvLine([0.1 + 0.2, 0.7280827845325248, -0, NaN, -Infinity, undefined])).toBe('0.30000000000000004,0.7280827845325248,0,,,');
  });
});
