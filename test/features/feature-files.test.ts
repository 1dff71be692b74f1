import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pl from 'nodejs-polars';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANDLE_COLUMNS } from '../../src/candles/candles.js';
import { InputError } from '../../src/errors.js';
import { computeFeatures } from '../../src/features/compute-features.js';
import { FEATURE_SETS, featureSet } from '../../src/features/feature-sets.js';
import type { FeatureTable } from '../../src/features/feature-table.js';
import { readFeatureTable } from '../../src/features/read-feature-table.js';
import { writeFeatureTable } from '../../src/features/write-feature-table.js';
import { readParquet, writeParquet } from '../../src/tables/parquet.js';
import { randomCandles } from '../support/random-candles.js';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'crpbot-features-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const candles = randomCandles({ rows: 700, symbol: 'BTC-USD', start: '2025-11-12T21:17:00Z', gaps: 0.01 });
const table = (name = 'v2-50', alignment: FeatureTable['featureSet']['alignment'] = 'causal'): FeatureTable => computeFeatures(candles, featureSet(name, alignment));

/** Writes a file as the original did: no record beside it, columns in whatever order. */
function writeReadyMade(name: string, columns: Record<string, Float64Array>): string {
  const file = join(folder, name);
  writeParquet(file, [['timestamp', candles.time], ...CANDLE_COLUMNS.map((column) => [column, candles[column]] as const), ...Object.entries(columns)], {
    timeColumn: 'timestamp',
  });
  return file;
}

const columnsOf = ({ featureSet: set, columns }: FeatureTable): Record<string, Float64Array> =>
  Object.fromEntries(set.columns.map((column, f) => [column, columns[f].slice()]));

async function refusal(read: Promise<unknown>): Promise<InputError> {
  const error = await read.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
}

describe('a feature file of ours', () => {
  it.each(FEATURE_SETS.map((set) => [`${set.name} ${set.alignment}`, set] as const))('%s is read back as it was written, bit by bit', async (label, set) => {
    const given = randomCandles({ rows: set.warmupRows + 700, symbol: 'BTC-USD', gaps: 0.01 });
    const written = computeFeatures(given, set);
    const file = join(folder, `features_BTC-USD_1m_2025-11-13_${label.replace(' ', '_')}.parquet`);
    writeFeatureTable(file, written, [{ file: 'BTC-USD_1m.csv', sha256: 'ab12' }]);
    const read = await readFeatureTable(file);
    expect(read.featureSet).toEqual(set);
    expect(read.candles).toEqual(given);
    expect(read.columns).toEqual(written.columns);
  });

  it('holds timestamp, candles and features in order, and says beside it what they are', () => {
    const file = join(folder, 'features_BTC-USD_1m_2025-11-13_50feat.parquet');
    writeFeatureTable(file, table(), [{ file: 'BTC-USD_1m.csv', sha256: 'ab12' }]);
    const parquet = readParquet(file);
    expect(parquet.names).toEqual(['timestamp', ...CANDLE_COLUMNS, ...featureSet('v2-50').columns]);
    expect(parquet.isTime('timestamp')).toBe(true);
    expect(JSON.parse(readFileSync(file.replace('.parquet', '.json'), 'utf8'))).toEqual({
      featureSet: 'v2-50',
      alignment: 'causal',
      leaky: false,
      symbol: 'BTC-USD',
      columns: featureSet('v2-50').columns,
      rows: 700,
      warmupRows: 99,
      from: new Date(candles.time[0]).toISOString(),
      to: new Date(candles.time[699]).toISOString(),
      sources: [{ file: 'BTC-USD_1m.csv', sha256: 'ab12' }],
      crpbotVersion: (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version,
    });
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('is not taken for something else', async () => {
    const file = join(folder, 'features_BTC-USD_1m_own_50feat.parquet');
    writeFeatureTable(file, table());
    expect(await refusal(readFeatureTable(file, { alignment: 'legacy' }))).toMatchObject({ code: 'feature-set-mismatch' });
    expect((await refusal(readFeatureTable(file, { featureSet: 'v1-31' }))).message).toContain('holds v2-50 causal, not v1-31');
  });

  it('is not believed when the record beside it lies', async () => {
    const file = join(folder, 'features_BTC-USD_1m_lie_50feat.parquet');
    writeFeatureTable(file, { ...table('v2-50', 'legacy'), featureSet: featureSet('v2-50') });
    const error = await refusal(readFeatureTable(file));
    expect(error.code).toBe('alignment-mismatch');
    expect(error.message).toBe(`${file} fits legacy (it shows up to 59 minutes of the future), not causal`);
  });

  it('says so when the record beside it is damaged', async () => {
    const file = join(folder, 'features_BTC-USD_1m_damaged_50feat.parquet');
    writeFeatureTable(file, table());
    writeFileSync(file.replace('.parquet', '.json'), '{"featureSet": "v2-50"');
    expect(await refusal(readFeatureTable(file))).toMatchObject({ code: 'feature-record-unreadable', place: { file: file.replace('.parquet', '.json') } });
    writeFileSync(file.replace('.parquet', '.json'), '[]');
    expect(await refusal(readFeatureTable(file))).toMatchObject({ code: 'feature-record-unreadable' });
    writeFileSync(file.replace('.parquet', '.json'), '{"featureSet": "v9", "alignment": "causal"}');
    expect(await refusal(readFeatureTable(file))).toMatchObject({ code: 'unknown-feature-set' });
  });
});

describe('a ready-made feature file', () => {
  it('is taken by names, whatever the order, and its alignment is found out', async () => {
    for (const alignment of ['causal', 'legacy', 'legacy-a'] as const) {
      const given = table('v2-50', alignment);
      const shuffled = Object.fromEntries(Object.entries(columnsOf(given)).reverse());
      const file = writeReadyMade(`features_BTC_USD_1m_${alignment}_50feat.parquet`, shuffled);
      const read = await readFeatureTable(file);
      expect(read.featureSet).toEqual(given.featureSet);
      expect(read.columns).toEqual(given.columns);
      expect(read.candles.symbol).toBe('BTC-USD');
    }
  });

  it('never passes as causal when it leaks', async () => {
    for (const alignment of ['legacy', 'legacy-a'] as const) {
      const file = writeReadyMade(`features_BTC-USD_1m_${alignment}.parquet`, columnsOf(table('v2-50', alignment)));
      const error = await refusal(readFeatureTable(file, { alignment: 'causal' }));
      expect(error.code).toBe('alignment-mismatch');
      expect(error.message).toContain(`fits ${alignment} (it shows up to 59 minutes of the future), not causal`);
    }
    const filled = writeReadyMade('features_BTC-USD_1m_31feat.parquet', columnsOf(table('v1-31', 'legacy')));
    expect((await refusal(readFeatureTable(filled, { alignment: 'causal' }))).message).toContain('fits legacy (its first rows are filled from later ones), not causal');
  });

  it('may hold the texts of the original, and pandas’ row numbers', async () => {
    const file = writeReadyMade('features_BTC-USD_1m_index_50feat.parquet', { __index_level_0__: candles.time.map((_, row) => row), ...columnsOf(table()) });
    const texts = [pl.lit('tokyo').alias('session'), pl.lit('low').alias('volatility_regime')];
    pl.readParquet(file).withColumns(...texts).writeParquet(file);
    expect(readParquet(file).isText('session')).toBe(true);
    expect((await readFeatureTable(file)).featureSet).toEqual(featureSet('v2-50'));
  });

  it('lacks no column and has none too many', async () => {
    const { rsi, ...lacking } = columnsOf(table());
    const renamed = writeReadyMade('features_BTC-USD_1m_renamed.parquet', { ...lacking, RSI_14: rsi });
    const error = await refusal(readFeatureTable(renamed));
    expect(error).toMatchObject({ code: 'feature-columns', place: { file: renamed } });
    expect(error.message).toBe(`${renamed} does not have the columns of v2-50: missing rsi; unexpected RSI_14`);
    const extra = writeReadyMade('features_BTC-USD_1m_extra.parquet', { ...columnsOf(table()), funding: rsi });
    expect((await refusal(readFeatureTable(extra))).message).toContain('unexpected funding');
  });

  it('of 50 columns never stands for 31', async () => {
    const file = writeReadyMade('features_BTC-USD_1m_50.parquet', columnsOf(table()));
    const error = await refusal(readFeatureTable(file, { featureSet: 'v1-31' }));
    expect(error.message).toContain('unexpected 5m_open, 5m_high');
    expect(error.hint).toContain('it has the columns of v2-50');
  });

  it('with the names of the original’s notebooks is explained', async () => {
    const renaming: Record<string, string> = {
      session_new_york: 'session_ny', bb_high: 'bb_upper', bb_low: 'bb_lower', price_sma_7_ratio: 'price_to_sma_7', tf_alignment_score: 'cross_tf_alignment_score',
    };
    const renamed = Object.fromEntries(Object.entries(columnsOf(table())).map(([column, values]) => [renaming[column] ?? column, values]));
    const error = await refusal(readFeatureTable(writeReadyMade('features_BTC-USD_1m_47.parquet', renamed)));
    expect(error.message).toContain('missing session_new_york, price_sma_7_ratio, bb_high, bb_low, tf_alignment_score');
    expect(error.hint).toContain('lists have 47 names; only 36 of them exist');
  });

  it('with the 36 names that the original’s notebooks are left with is explained', async () => {
    const dropped = /^(session_new_york|price_sma_\d+_ratio|bb_(high|low|position)|volatility_.*|tf_alignment_.*)$/;
    const left = Object.fromEntries(Object.entries(columnsOf(table())).filter(([column]) => !dropped.test(column)));
    expect(Object.keys(left)).toHaveLength(36);
    const error = await refusal(readFeatureTable(writeReadyMade('features_BTC-USD_1m_36.parquet', left)));
    expect(error).toMatchObject({ code: 'feature-columns' });
    expect(error.hint).toMatch(/^these 36 names are what is left of the lists in the original's notebooks.*cannot have been trained on them/);
    const { rsi, ...other } = left;
    const less = await refusal(readFeatureTable(writeReadyMade('features_BTC-USD_1m_35.parquet', { ...other, bb_low: rsi })));
    expect(less.hint).not.toContain('notebooks');
  });

  it('has no gap after its first complete row', async () => {
    const columns = columnsOf(table());
    columns.rsi[300] = NaN;
    const error = await refusal(readFeatureTable(writeReadyMade('features_BTC-USD_1m_gap.parquet', columns)));
    expect(error).toMatchObject({ code: 'feature-not-finite', place: { row: 300, column: 'rsi' } });
    const infinite = columnsOf(table());
    infinite.volume_ratio[20] = Infinity;
    expect(await refusal(readFeatureTable(writeReadyMade('features_BTC-USD_1m_inf.parquet', infinite)))).toMatchObject({ place: { row: 20, column: 'volume_ratio' } });
    const empty = { ...columnsOf(table()), macd: new Float64Array(700).fill(NaN) };
    expect((await refusal(readFeatureTable(writeReadyMade('features_BTC-USD_1m_empty.parquet', empty)))).message).toContain('macd has no value in any row');
  });

  it('fits its own candles', async () => {
    const wrong = columnsOf(table());
    wrong.sma_21[400] *= 1.0001;
    const error = await refusal(readFeatureTable(writeReadyMade('features_BTC-USD_1m_wrong.parquet', wrong)));
    expect(error).toMatchObject({ code: 'alignment-unknown', place: { row: 400, column: 'sma_21' } });
    expect(error.message).toMatch(/fits no alignment of v2-50: by causal, the nearest, sma_21 in row 400 is [\d.]+ where its candles give [\d.]+ \(1 of \d+ rows differ\)/);
  });

  it('says its symbol', async () => {
    const file = writeReadyMade('1.parquet', columnsOf(table()));
    expect((await refusal(readFeatureTable(file))).code).toBe('symbol-unknown');
    expect((await readFeatureTable(file, { symbol: 'eth/usd' })).candles.symbol).toBe('ETH-USD');
  });
});
