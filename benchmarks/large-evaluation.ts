/**
 * The job people have: three main-size models, two years of 1-minute candles each (three x 154,503 windows to score), as
 * one `crpbot evaluate`. Prints wall time, windows a second and peak memory of the whole process.
 *
 *     node bin/tsx.js benchmarks/large-evaluation.ts [rows=1030520]
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CANDLE_COLUMNS } from '../src/candles/candles.js';
import { writeParquet } from '../src/tables/parquet.js';
import { randomCandles } from '../test/support/random-candles.js';

const rows = Number(process.argv[2] ?? 1_030_520);
const folder = mkdtempSync(join(tmpdir(), 'crpbot-large-'));

/** Peak resident memory of a running process in MB, read until it ends. */
function watchPeak(pid: number): () => number {
  let peak = 0;
  const read = () => {
    try {
      peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
    } catch {
      clearInterval(timer); // the process has ended
    }
  };
  const timer = setInterval(read, 100);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

try {
  ['BTC-TEST', 'ETH-TEST', 'SOL-TEST'].forEach((symbol, index) => {
    const candles = randomCandles({ rows, symbol, seed: index + 1 });
    writeParquet(join(folder, `${symbol}_1m.parquet`), [['timestamp', candles.time], ...CANDLE_COLUMNS.map((name) => [name, candles[name]] as const)], { timeColumn: 'timestamp' });
    copyFileSync('models/sample/lstm_ETH-SIM_1m_demo.pt', join(folder, `lstm_${symbol}_1m.pt`));
  });
  const begin = performance.now();
  const child = spawn(process.execPath, ['bin/crpbot.js', 'evaluate', '--models', folder, '--candles', folder, '--out', join(folder, 'results')], { stdio: ['ignore', 'inherit', 'ignore'] });
  const peak = watchPeak(child.pid ?? 0);
  const status = await new Promise((resolve) => child.once('exit', resolve));
  const seconds = (performance.now() - begin) / 1000;
  console.log(`exit ${String(status)}; three models in ${seconds.toFixed(0)} s wall, peak ${peak().toFixed(0)} MB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
