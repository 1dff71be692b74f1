import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readParquet } from '../../src/tables/parquet.js';
import { HORIZON } from './simulated.js';
import type { ScoredWindows } from '../../src/evaluation/scored-windows.js';
import { fixtures } from '../support/requirements.js';

export interface GoldenTrades {
  readonly [figure: string]: number | GoldenGroups;
}
export type GoldenGroups = Readonly<Record<string, { readonly trades: number; readonly win_rate: number; readonly total_pnl: number; readonly avg_pnl: number }>>;

export interface GoldenMetrics {
  readonly classification: Readonly<Record<string, number>>;
  readonly ece_notebook: number;
  readonly ece_scaling: number;
  readonly simulate: { readonly original: GoldenTrades; readonly both: GoldenTrades };
}

/** What pandas, numpy and scikit-learn made of `goldenWindows`. */
export const goldenMetrics = JSON.parse(readFileSync(join(fixtures, 'golden/metrics_expected.json'), 'utf8')) as GoldenMetrics;

/** 4,000 windows. The file has the UTC hour of each entry only: minutes are counted up within the hour. */
export function goldenWindows(): ScoredWindows {
  const table = readParquet(join(fixtures, 'golden/metrics_input.parquet'));
  const hour = table.column('hour');
  const time = new Float64Array(hour.length);
  let day = 0;
  let withinHour = 0;
  for (let row = 0; row < hour.length; row += 1) {
    withinHour = row > 0 && hour[row] === hour[row - 1] ? withinHour + 1 : 0;
    if (row > 0 && hour[row] < hour[row - 1]) day += 1;
    time[row] = Date.UTC(2025, 0, 6 + day, hour[row]) + withinHour * 1000;
  }
  return {
    symbol: 'GOLDEN',
    horizon: HORIZON,
    probability: table.column('p'),
    label: Uint8Array.from(table.column('y')),
    time,
    entry: table.column('entry'),
    exit: table.column('exit'),
    previous: new Float64Array(hour.length).fill(NaN),
  };
}
