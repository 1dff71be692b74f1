import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CANDLE_COLUMNS } from '../../src/candles/candles.js';
import { buildOnnx } from '../../src/engines/onnx/build-onnx.js';
import { writeSafetensors } from '../../src/models/safetensors/write-safetensors.js';
import { writeParquet } from '../../src/tables/parquet.js';
import { evaluate } from '../../src/workflows/evaluate.js';
import type { EvaluateOptions } from '../../src/workflows/evaluate-options.js';
import { computeFeatureFiles } from '../../src/workflows/features.js';
import { randomCandles } from '../support/random-candles.js';
import { randomWeights, smallLstm } from '../support/random-weights.js';

const folder = mkdtempSync(join(tmpdir(), 'crpbot-own-set-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file of five returns; `shift` rows ahead where it is negative. */
function setFile(name: string, shift = 1): string {
  const file = join(folder, `${name}.mjs`);
  const columns = [1, 2, 3, 4, 5].map((n) => `return_${n}`);
  writeFileSync(file, `
    const columns = ${JSON.stringify(columns)};
    const compute = (close, rows) => close.map((price, t) => Math.log(price / close[t - rows * ${shift}]) || (t < rows ? NaN : 0));
    export default {
      set: { name: '${name}', alignment: 'causal', columns, warmupRows: 5, leaky: false },
      contextRows: 5,
      *compute({ close }) { for (let n = 1; n <= 5; n++) yield [columns[n - 1], compute(close, n)]; },
    };`);
  return file;
}

const manifest = { symbol: 'BTC-USD', windowLength: 20, windowMode: 'repo', horizon: 15 } as const;
const weights = randomWeights(smallLstm);

/** The same random model, twice: safetensors that name their set, or an ONNX file that says nothing of it. */
function modelFile(kind: 'safetensors' | 'onnx', featureSet?: string): string {
  mkdirSync(join(folder, featureSet ?? 'unnamed'), { recursive: true });
  const file = join(folder, featureSet ?? 'unnamed', `lstm_BTC-USD_1m_own.${kind}`);
  if (kind === 'onnx') writeFileSync(file, buildOnnx(smallLstm, weights, { windowLength: 20, layout: 'batch-first', precision: 'fp32' }));
  else writeSafetensors(file, { architecture: smallLstm, weights, assumed: [], manifest: { ...manifest, ...(featureSet !== undefined && { featureSet, alignment: 'causal' }) } });
  return file;
}

const candles = randomCandles({ rows: 3000, symbol: 'BTC-USD' });
const candleFile = join(folder, 'BTC-USD_1m.parquet');
writeParquet(candleFile, [['timestamp', candles.time], ...CANDLE_COLUMNS.map((column) => [column, candles[column]] as const)], { timeColumn: 'timestamp' });

let runs = 0;
const run = (options: EvaluateOptions) => evaluate({ candles: [candleFile], out: join(folder, `out-${runs++}`), horizon: 15, ...options }, { now: 0 });

describe('evaluate with a feature set of one’s own', () => {
  it('scores a model that was trained on it: safetensors and ONNX, from candles and from a feature file', async () => {
    const featureSet = setFile('own-honest');
    const fromCandles = (await run({ models: [modelFile('safetensors', 'own-honest')], featureSet })).run.models[0];
    expect(fromCandles).toMatchObject({ featureSet: 'own-honest', alignment: 'causal', leaky: false, warnings: [] });
    const onnx = (await run({ models: [modelFile('onnx')], featureSet })).run.models[0];
    expect(onnx).toMatchObject({ featureSet: 'own-honest', leaky: false });
    expect(onnx.evaluation.classification.accuracy).toBe(fromCandles.evaluation.classification.accuracy);
    const { files } = await computeFeatureFiles({ candles: [candleFile], featureSet, outDir: join(folder, 'features') });
    const fromFile = (await run({ models: [modelFile('onnx')], candles: [], features: [files[0].file], featureSet })).run.models[0];
    expect(fromFile.evaluation).toEqual(onnx.evaluation);
  });

  it('finds that it looks ahead, whatever the accuracy', async () => {
    const { run: result } = await run({ models: [modelFile('onnx')], featureSet: setFile('own-ahead', -1) });
    expect(result.models[0].leaky).toBe(true);
    expect(result.models[0].warnings.join()).toMatch(/return_1 in row \d+ depends on later candles/);
  });

  it('says what does not fit', async () => {
    const featureSet = setFile('own-honest');
    await expect(run({ models: [modelFile('safetensors', 'own-never-loaded')] })).rejects.toMatchObject({ code: 'unknown-feature-set', hint: expect.stringContaining('--feature-set ./my-features.ts') as string });
    await expect(run({ models: [modelFile('safetensors', 'own-never-loaded')], featureSet })).rejects.toMatchObject({ code: 'option-does-not-fit' });
    await expect(run({ models: [modelFile('onnx')], featureSet: join(folder, 'absent.ts') })).rejects.toMatchObject({ code: 'feature-file-missing' });
    await expect(run({ models: [modelFile('onnx')], featureSet: 'v9' })).rejects.toMatchObject({ code: 'unknown-feature-set' });
    await expect(run({ models: [modelFile('onnx')] })).rejects.toMatchObject({ code: 'no-feature-set' });
    await expect(run({ models: [modelFile('onnx')], featureSet: 'v2-50' })).rejects.toMatchObject({ code: 'option-does-not-fit', message: expect.stringContaining('5 inputs') as string });
  });
});
