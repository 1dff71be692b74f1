import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { planEvaluation } from '../../src/workflows/evaluation-plan.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crpbot-plan-'));
  vi.stubEnv('CRPBOT_ROOT', root);
  put('models/sample/lstm_ETH-SIM_1m_demo.pt', 'data/sample/ETH-SIM_1m.parquet');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

/** Empty files of these names in the project: a plan goes by names. */
function put(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), '');
  }
}

describe('planEvaluation without paths', () => {
  it('is the sample where nothing else is', () => {
    mkdirSync(join(root, 'models/new'), { recursive: true });
    const plan = planEvaluation({});
    expect(plan.source).toBe('the committed sample (models/sample, data/sample)');
    expect(plan.symbols.map(({ symbol }) => symbol)).toEqual(['ETH-SIM']);
  });

  it('is what was put into models/new and the data folders, and says which', () => {
    put('models/new/lstm_BTC-USD_1m.pt', 'data/candles/BTC-USD_1m.parquet');
    expect(planEvaluation({})).toMatchObject({ source: 'models/new with data/candles', symbols: [{ symbol: 'BTC-USD' }] });
    put('data/features/features_BTC-USD_1m_50feat.parquet');
    expect(planEvaluation({}).source).toBe('models/new with data/features and data/candles');
  });

  it('is the sample for models without data and data without models, and says why', () => {
    put('models/new/lstm_BTC-USD_1m.pt');
    expect(planEvaluation({}).source).toBe('the committed sample (models/sample, data/sample), since models/new holds models, but data/features and data/candles are empty');
    rmSync(join(root, 'models/new'), { recursive: true });
    put('data/candles/BTC-USD_1m.parquet');
    expect(planEvaluation({}).source).toBe('the committed sample (models/sample, data/sample), since data/candles: data, but models/new is empty');
  });
});

describe('planEvaluation', () => {
  it('says where it looked for the data of a model', () => {
    put('lstm_BTC-USD_1m.pt', 'candles/ETH-USD_1m.parquet', 'features/features_SOL-USD_1m_50feat.parquet');
    const [model, candles, features] = ['lstm_BTC-USD_1m.pt', 'candles', 'features'].map((name) => join(root, name)) as [string, string, string];
    expect(() => planEvaluation({ models: [model], candles: [candles], features: [features] })).toThrow(
      expect.objectContaining({ code: 'model-without-data', message: `${model}: no data for BTC-USD in ${features}, ${candles}; there is data for ETH-USD, SOL-USD` }),
    );
  });

  it('leaves out a model without data that was only found in models/new, and says so; nothing left is an error', () => {
    put('models/new/lstm_BTC-USD_1m.pt', 'models/new/lstm_ONE-SIM_1m.pt', 'candles/BTC-USD_1m.parquet');
    const [candles, stray] = ['candles', 'models/new/lstm_ONE-SIM_1m.pt'].map((name) => join(root, name)) as [string, string];
    expect(planEvaluation({ candles: [candles] })).toMatchObject({ symbols: [{ symbol: 'BTC-USD' }], warnings: [`${stray}: no data for ONE-SIM: left out`] });
    rmSync(join(root, 'models/new/lstm_BTC-USD_1m.pt'));
    expect(() => planEvaluation({ candles: [candles] })).toThrow(expect.objectContaining({ code: 'model-without-data' }));
  });

  it('needs data of the symbols asked for only', () => {
    put('mine/lstm_BTC-USD_1m.pt', 'mine/lstm_ONE-SIM_1m.pt', 'candles/BTC-USD_1m.parquet');
    const given = { models: [join(root, 'mine')], candles: [join(root, 'candles')] };
    expect(planEvaluation(given, ['BTC-USD']).symbols.map(({ symbol }) => symbol)).toEqual(['BTC-USD']);
    expect(() => planEvaluation(given, ['BTC-USD', 'ONE-SIM'])).toThrow(expect.objectContaining({ code: 'model-without-data' }));
    expect(() => planEvaluation(given)).toThrow(expect.objectContaining({ code: 'model-without-data' }));
  });

  it('does not list the record beside a feature file as ignored, and any other file', () => {
    put('models/new/lstm_BTC-USD_1m.pt', 'features/features_BTC-USD_1m_50feat.parquet', 'features/features_BTC-USD_1m_50feat.json', 'features/notes.json');
    const { ignored } = planEvaluation({ features: [join(root, 'features')] });
    expect(ignored).toEqual([`${join(root, 'features/notes.json')}: not features`]);
  });
});
