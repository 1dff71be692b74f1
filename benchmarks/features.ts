/**
 * 50 causal features over two years of 1-minute candles (1,051,200 rows), against a good pandas program
 * (`features_pandas.py`): the computation alone, and Parquet to Parquet with the same codec (zstd level 3) on both
 * sides. Each measurement is a fresh process, the two sides take turns, medians are compared, and the two files are
 * checked to hold the same numbers. `PYTHON` names the interpreter (default python3).
 *
 *     node bin/tsx.js benchmarks/features.ts [rounds]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCandles } from '../src/candles/read-candles.js';
import { CANDLE_COLUMNS } from '../src/candles/candles.js';
import type { Candles } from '../src/candles/candles.js';
import { computeFeatures } from '../src/features/compute-features.js';
import { featureSet } from '../src/features/feature-sets.js';
import { readFeatureTable } from '../src/features/read-feature-table.js';
import { writeParquet } from '../src/tables/parquet.js';
import { computeFeatureFiles } from '../src/workflows/features.js';
import { randomCandles } from '../test/support/random-candles.js';

const ROWS = 1_051_200;
const SELF = join('benchmarks', 'features.ts');
const PYTHON = process.env.PYTHON ?? 'python3';

interface Measurement {
  readonly ms: number;
  /** Of all threads. */
  readonly cpu_ms: number;
  readonly peak_mb: number;
}

async function job(name: string, candlesFile: string, outDir: string): Promise<void> {
  const candles = name === 'compute' ? readCandles(candlesFile) : undefined;
  const begin = performance.now();
  const cpu = process.cpuUsage();
  if (candles === undefined) await computeFeatureFiles({ candles: [candlesFile], outDir });
  else computeFeatures(candles, featureSet('v2-50', 'causal'));
  const ms = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ ms, cpu_ms: (user + system) / 1000, peak_mb: process.resourceUsage().maxRSS / 1024 } satisfies Measurement));
}

function measure(command: string, args: readonly string[]): Measurement {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Measurement;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

function writeCandles(file: string, candles: Candles): void {
  writeParquet(file, [['timestamp', candles.time], ...CANDLE_COLUMNS.map((name) => [name, candles[name]] as const)], { timeColumn: 'timestamp' });
}

async function compare(rounds: number): Promise<void> {
  const hasPandas = spawnSync(PYTHON, ['-c', 'import pandas, pyarrow']).status === 0;
  if (!hasPandas) console.log(`${PYTHON} has no pandas and pyarrow: crpbot is measured alone, no ratio (set PYTHON to one that has)`);
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-benchmark-'));
  try {
    const candlesFile = join(folder, 'BTC-TEST_1m.parquet');
    writeCandles(candlesFile, randomCandles({ rows: ROWS, symbol: 'BTC-TEST' }));
    const pandasFile = join(folder, 'features_BTC-TEST_1m_pandas_50feat.parquet');
    for (const name of ['compute', 'files']) {
      const ours: Measurement[] = [];
      const theirs: Measurement[] = [];
      for (let round = 0; round < rounds; round++) {
        ours.push(measure(process.execPath, ['bin/tsx.js', SELF, '--job', name, candlesFile, folder]));
        if (hasPandas) theirs.push(measure(PYTHON, [join('benchmarks', 'features_pandas.py'), name, candlesFile, pandasFile]));
      }
      const mid = (all: readonly Measurement[], key: keyof Measurement): number => median(all.map((one) => one[key]));
      const line = (who: string, all: readonly Measurement[]): string =>
        `${who} ${mid(all, 'ms').toFixed(0)} ms (${all.map(({ ms }) => ms.toFixed(0)).join(', ')}), ` +
        `processor time ${mid(all, 'cpu_ms').toFixed(0)} ms, peak ${Math.max(...all.map((one) => one.peak_mb)).toFixed(0)} MB`;
      const ratio = (key: keyof Measurement): string => `${(mid(theirs, key) / mid(ours, key)).toFixed(2)} x`;
      console.log(name === 'compute' ? 'v2-50 causal, computation alone' : 'v2-50 causal, Parquet to Parquet');
      console.log(`  ${line('crpbot', ours)}`);
      if (!hasPandas) continue;
      console.log(`  ${line('pandas', theirs)}`);
      console.log(`  ratio of medians ${ratio('ms')} (of processor time ${ratio('cpu_ms')})`);
    }
    if (hasPandas) {
      const { featureSet: found } = await readFeatureTable(pandasFile, { featureSet: 'v2-50', alignment: 'causal' });
      console.log(`the numbers of pandas are those of crpbot: its file fits ${found.name} ${found.alignment}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--job') await job(rest[0], rest[1], rest[2]);
else await compare(Number(first ?? 5));
