/**
 * 50 causal features over two years of 1-minute candles (1,051,200 rows a symbol), against a good pandas program
 * (`features_pandas.py`): the computation alone, month by month as the command does it; Parquet to Parquet for three
 * symbols with the same codec (zstd level 3) on both sides, crpbot over a store of monthly parts, pandas one file after
 * the other; what adding a month to two years takes; and the peak memory of 6, 12 and 24 months. Each measurement is a
 * fresh process (its start is not counted, that of worker threads is), the two sides take turns, medians are compared, and
 * the two files are checked to hold the same numbers. `PYTHON` names the interpreter (default python3).
 *
 *     node bin/tsx.js benchmarks/features.ts [rounds]
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCandles } from '../src/candles/read-candles.js';
import { CANDLE_COLUMNS } from '../src/candles/candles.js';
import type { Candles } from '../src/candles/candles.js';
import type { RecursiveState } from '../src/features/feature-recipe.js';
import { featureRecipe } from '../src/features/feature-recipes.js';
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

async function job(name: string, source: string, outDir: string): Promise<void> {
  const candles = name === 'compute' ? readCandles(source) : undefined;
  const months = candles === undefined ? [] : monthsOf(candles);
  const begin = performance.now();
  const cpu = process.cpuUsage();
  if (candles === undefined) await computeFeatureFiles({ candles: [source], outDir });
  else computeByMonth(candles, months);
  const ms = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ ms, cpu_ms: (user + system) / 1000, peak_mb: process.resourceUsage().maxRSS / 1024 } satisfies Measurement));
}

/** Rows `[from, to)` of each month. */
function monthsOf({ time }: Candles): readonly (readonly [month: string, from: number, to: number])[] {
  const months = new Map<string, [number, number]>();
  for (let row = 0; row < time.length; row++) {
    const month = new Date(time[row]).toISOString().slice(0, 7);
    const rows = months.get(month);
    if (rows === undefined) months.set(month, [row, row + 1]);
    else rows[1] = row + 1;
  }
  return [...months].map(([month, [from, to]]) => [month, from, to] as const);
}

/** As the command does it: a month after the other, each column let go once it was there. Returns a sum, so that nothing is left out. */
function computeByMonth(candles: Candles, months: ReturnType<typeof monthsOf>): number {
  const recipe = featureRecipe('v2-50');
  const { contextRows = 0 } = recipe;
  let state: RecursiveState = {};
  let sum = 0;
  for (const [, from, to] of months) {
    const start = Math.max(0, from - contextRows);
    const continuation = from === 0 ? undefined : { firstRow: from - start, state };
    for (const [, values] of recipe.compute(cut(candles, start, to), continuation, (known) => (state = known))) sum += values[values.length - 1];
  }
  return sum;
}

function cut({ symbol, time, open, high, low, close, volume }: Candles, from: number, to: number): Candles {
  const rows = (values: Float64Array): Float64Array => values.subarray(from, to);
  return { symbol, time: rows(time), open: rows(open), high: rows(high), low: rows(low), close: rows(close), volume: rows(volume) };
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

/** Months of the smaller stores whose peak memory is told beside that of the whole. */
const FEWER_MONTHS = [6, 12];

/** The first months of every symbol of a store, as a store. */
function shorterStore(store: string, months: number): string {
  const shorter = `${store}-${months}`;
  for (const symbol of readdirSync(join(store, 'simulated'))) {
    const [from, to] = [store, shorter].map((root) => join(root, 'simulated', symbol, '1m'));
    mkdirSync(to, { recursive: true });
    for (const part of readdirSync(from).sort().slice(0, months)) copyFileSync(join(from, part), join(to, part));
  }
  return shorter;
}

/** A candle store of three symbols: a part a month each. Returns the parts of each symbol's last month. */
function writeStore(store: string, candles: readonly Candles[]): readonly string[] {
  return candles.map((all) => {
    const folder = join(store, 'simulated', all.symbol, '1m');
    mkdirSync(folder, { recursive: true });
    const parts = monthsOf(all).map(([month, from, to]) => {
      writeCandles(join(folder, `${month}.parquet`), cut(all, from, to));
      return join(folder, `${month}.parquet`);
    });
    return parts[parts.length - 1];
  });
}

const mid = (all: readonly Measurement[], key: keyof Measurement): number => median(all.map((one) => one[key]));
const line = (who: string, all: readonly Measurement[]): string =>
  `${who} ${mid(all, 'ms').toFixed(0)} ms (${all.map(({ ms }) => ms.toFixed(0)).join(', ')}), ` +
  `processor time ${mid(all, 'cpu_ms').toFixed(0)} ms, peak ${Math.max(...all.map((one) => one.peak_mb)).toFixed(0)} MB`;

function printComparison(title: string, ours: readonly Measurement[], theirs: readonly Measurement[]): void {
  console.log(title);
  console.log(`  ${line('crpbot', ours)}`);
  if (theirs.length === 0) return;
  console.log(`  ${line('pandas', theirs)}`);
  const ratio = (key: keyof Measurement): string => `${(mid(theirs, key) / mid(ours, key)).toFixed(2)} x`;
  console.log(`  ratio of medians ${ratio('ms')} (of processor time ${ratio('cpu_ms')})`);
}

async function compare(rounds: number): Promise<void> {
  const hasPandas = spawnSync(PYTHON, ['-c', 'import pandas, pyarrow']).status === 0;
  if (!hasPandas) console.log(`${PYTHON} has no pandas and pyarrow: crpbot is measured alone, no ratio (set PYTHON to one that has)`);
  const folder = mkdtempSync(join(tmpdir(), 'crpbot-benchmark-'));
  const crpbot = (name: string, source: string, outDir: string): Measurement => measure(process.execPath, ['bin/tsx.js', SELF, '--job', name, source, outDir]);
  const pandas = (name: string, source: string, out: string): Measurement => measure(PYTHON, [join('benchmarks', 'features_pandas.py'), name, source, out]);
  try {
    const candles = ['BTC-TEST', 'ETH-TEST', 'SOL-TEST'].map((symbol, index) => randomCandles({ rows: ROWS, symbol, seed: index + 1 }));
    const files = candles.map((each) => join(folder, `${each.symbol}_1m.parquet`));
    candles.forEach((each, index) => writeCandles(files[index], each));
    const store = join(folder, 'candles');
    const lastParts = writeStore(store, candles);
    const shorter = FEWER_MONTHS.map((months) => shorterStore(store, months));
    const peaks: number[][] = shorter.map(() => []);
    const pandasFile = join(folder, 'features_BTC-TEST_1m_pandas_50feat.parquet');
    const [compute, whole, added]: [Measurement[], Measurement[], Measurement[]] = [[], [], []];
    const [pandasCompute, pandasWhole]: [Measurement[], Measurement[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      compute.push(crpbot('compute', files[0], folder));
      if (hasPandas) pandasCompute.push(pandas('compute', files[0], pandasFile));
      const outDir = join(folder, `features-${round}`);
      whole.push(crpbot('files', store, outDir));
      if (hasPandas) {
        const each = [...files].reverse().map((file) => pandas('files', file, pandasFile));
        const sum = (key: keyof Measurement): number => each.reduce((total, one) => total + one[key], 0);
        pandasWhole.push({ ms: sum('ms'), cpu_ms: sum('cpu_ms'), peak_mb: Math.max(...each.map((one) => one.peak_mb)) });
      }
      // Two years without their last month, then with it.
      for (const part of lastParts) renameSync(part, `${part}.later`);
      crpbot('files', store, outDir);
      for (const part of lastParts) renameSync(`${part}.later`, part);
      added.push(crpbot('files', store, outDir));
      rmSync(outDir, { recursive: true });
      shorter.forEach((each, index) => {
        peaks[index].push(crpbot('files', each, outDir).peak_mb);
        rmSync(outDir, { recursive: true });
      });
    }
    printComparison('v2-50 causal, two years of one symbol, computation alone', compute, pandasCompute);
    printComparison('v2-50 causal, two years of three symbols, Parquet to Parquet', whole, pandasWhole);
    printComparison('one month more for three symbols', added, []);
    console.log(`  ${(mid(added, 'ms') / mid(whole, 'ms')).toFixed(3)} of the time for everything, ${(mid(added, 'cpu_ms') / mid(whole, 'cpu_ms')).toFixed(3)} of its processor time`);
    const peak = [...FEWER_MONTHS.map((months, index) => `${median(peaks[index]).toFixed(0)} MB for ${months} months`), `${mid(whole, 'peak_mb').toFixed(0)} MB for 24`];
    console.log(`peak memory, three symbols, median: ${peak.join(', ')}`);
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
