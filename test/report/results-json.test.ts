import { describe, expect, it } from 'vitest';
import { resultsJson } from '../../src/report/results-json.js';
import { aBareModel, aModel, anEvaluation, aRun } from '../support/run-result.js';

interface Document {
  readonly schemaVersion: number;
  readonly startedAt: string;
  readonly options: Record<string, unknown>;
  readonly models: readonly Record<string, Record<string, unknown>>[];
}

const documentOf = (...run: Parameters<typeof resultsJson>) => JSON.parse(resultsJson(...run)) as Document;

describe('evaluation_results.json', () => {
  it('holds the whole run, with its version, inputs and hashes', () => {
    const run = aRun();
    const document = documentOf(run);
    expect(document).toMatchObject({ schemaVersion: 1, startedAt: '2025-06-07T09:30:12Z', gates: run.gates, pooled: run.pooled, options: run.options });
    expect(document.models).toHaveLength(3);
    expect(document.models[0]).toMatchObject({ modelSha256: '9f'.repeat(32), dataFiles: run.models[0]?.dataFiles, checks: run.models[0]?.checks });
  });

  it('writes every figure exactly', () => {
    const evaluation = anEvaluation({ accuracy: 0.7280827845325248 });
    const read = documentOf(aRun({ models: [aModel({ evaluation })] })).models[0]?.evaluation;
    expect(read).toEqual({ ...evaluation, from: '2025-05-30T12:00:00Z', to: '2025-06-03T21:48:00Z' });
  });

  it('leaves out what was not computed or is not finite', () => {
    const evaluation = { ...aBareModel().evaluation, effectiveSamples: Infinity };
    const read = documentOf(aRun({ models: [aBareModel({ evaluation })] })).models[0]?.evaluation;
    for (const key of ['effectiveSamples', 'coverageAtGate', 'breakEvenAccuracy']) expect(read).not.toHaveProperty(key);
    expect(read?.trades).not.toHaveProperty('both.winRate');
    expect(resultsJson(aRun({ models: [aBareModel({ evaluation })] }))).not.toContain('null');
  });

  it('keeps the places of an array', () => {
    expect(documentOf(aRun({ options: { list: [1, NaN, 3], typed: Float64Array.of(0.5, 2), none: undefined } })).options).toEqual({
      list: [1, null, 3],
      typed: [0.5, 2],
    });
  });
});
