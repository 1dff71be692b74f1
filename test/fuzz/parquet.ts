import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orderedCandles } from '../../src/candles/candle-table.js';
import { readParquetCandles } from '../../src/candles/read-parquet.js';
import { readParquet, writeParquet } from '../../src/tables/parquet.js';
import { fixtures } from '../support/requirements.js';
import { parquetSkeleton } from '../tables/parquet-skeleton.js';
import type { FuzzTarget } from './target.js';

const folder = mkdtempSync(join(tmpdir(), 'crpbot-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/**
 * Every column of a Parquet file, then its candles with the checks. polars prints a panic it recovers from to standard
 * error: what it threw is what counts.
 */
export const parquetTarget: FuzzTarget = {
  name: 'parquet',
  seeds: () => {
    const own = join(folder, 'own.parquet');
    const time = Float64Array.from({ length: 40 }, (_, row) => Date.UTC(2025, 0, 6) + row * 60_000);
    const price = time.map((_, row) => 100 + Math.sin(row));
    const columns = [['timestamp', time], ['open', price], ['high', price], ['low', price], ['close', price], ['volume', price]] as const;
    writeParquet(own, columns, { timeColumn: 'timestamp' });
    const pandas = join(fixtures, 'pandas');
    const written = readdirSync(pandas).filter((name) => name.endsWith('.parquet')).map((name) => readFileSync(join(pandas, name)));
    return [readFileSync(own), parquetSkeleton(), ...written];
  },
  attempt: async (bytes) => {
    const file = join(folder, 'BTC-SIM_1m.parquet');
    writeFileSync(file, bytes);
    // One turn of the event loop, for polars to give back its memory.
    await new Promise((done) => setImmediate(done));
    const table = readParquet(file);
    for (const name of table.names) {
      if (table.isText(name)) table.texts(name);
      else if (table.isTime(name) || table.isNumber(name)) table.column(name);
    }
    orderedCandles(readParquetCandles(file, 'BTC-SIM'), () => undefined);
  },
};
