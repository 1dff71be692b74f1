import { dirname } from 'node:path';
import { ensureWritable } from '../atomic-file.js';
import { MINUTE_MS } from '../candles/candles.js';
import type { BestAccuracy } from '../candles/simulate/best-accuracy.js';
import { bestAccuracy, processOfAccuracy } from '../candles/simulate/best-accuracy.js';
import { MINUTES_PER_DAY, dayProfile } from '../candles/simulate/day-profile.js';
import { longRunVariance, scaled } from '../candles/simulate/drift-process.js';
import { marketOf } from '../candles/simulate/market.js';
import type { MeasuredAccuracy } from '../candles/simulate/measure-accuracy.js';
import { AccuracyMeter } from '../candles/simulate/measure-accuracy.js';
import { simulateMonths } from '../candles/simulate/simulate-candles.js';
import type { SimulationRecord } from '../candles/simulate/simulation-record.js';
import { beginRecord, writeRecord } from '../candles/simulate/simulation-record.js';
import { seriesFolder } from '../candles/store/series-layout.js';
import { openSeriesForWriting } from '../candles/store/series-writer.js';
import { canonicalSymbol } from '../candles/symbols.js';
import { parseIsoTime } from '../candles/time-column.js';
import type { TimeRange } from '../candles/time-range.js';
import { InputError } from '../errors.js';
import type { JobControl } from '../progress.js';

export interface SimulateOptions extends JobControl {
  /** Default ONE-SIM, TWO-SIM, THREE-SIM: names that the committed sample and its models do not have. */
  readonly symbols?: readonly string[] | undefined;
  /** Whole days, default 30. */
  readonly days?: number | undefined;
  /** First minute, ISO 8601 UTC, default 2025-01-06. */
  readonly start?: string | undefined;
  /** The best accuracy about the direction over 15 minutes by one who sees the drift; 0.5 plants nothing. Default 0.78. */
  readonly signalAccuracy?: number | undefined;
  /** Minutes after which half of a drift is left, default 60. */
  readonly halfLife?: number | undefined;
  /** Share of minutes without a candle, from 0 to 0.5, default 0. */
  readonly gaps?: number | undefined;
  /** Whole number, default 1. */
  readonly seed?: number | undefined;
  /** The store's folder, default `data/candles`. */
  readonly out?: string | undefined;
}

export interface SimulatedSeries {
  readonly symbol: string;
  /** The symbol's folder, which holds `simulation.json` and `1m`. */
  readonly folder: string;
  readonly candles: number;
  readonly from: string;
  readonly to: string;
  readonly bestAccuracy: BestAccuracy;
  readonly measured: MeasuredAccuracy;
}

/** None of the committed sample's: its models would be taken for models of these candles. */
export const SIMULATED_SYMBOLS = ['ONE-SIM', 'TWO-SIM', 'THREE-SIM'] as const;
export const SIMULATED_EXCHANGE = 'simulated';
const horizonMinutes = 15;
const mostDays = 36_525;

/**
 * Simulates candles with a planted drift into the store, `<out>/simulated/<SYMBOL>/1m`, and writes what is true about
 * them beside. The same options give the same bytes; more days continue what is there.
 * @throws InputError `simulation-option`, `signal-out-of-reach`, `simulation-differs`, `symbol-unreadable`, `cannot-write`; what the store throws
 */
export async function simulateCandles(options: SimulateOptions): Promise<readonly SimulatedSeries[]> {
  const { signalAccuracy = 0.78, seed = 1, gaps = 0, out = 'data/candles', halfLife = 60 } = options;
  const range = rangeOf(options);
  refuseUnless(Number.isSafeInteger(seed) && seed >= 0, `seed is ${seed}`, 'give a whole number from 0 on');
  refuseUnless(gaps >= 0 && gaps <= 0.5, `gaps is ${gaps}`, 'give a share from 0 to 0.5');
  refuseUnless(halfLife > 0 && halfLife <= MINUTES_PER_DAY, `the half-life is ${halfLife} minutes`, `give minutes above 0, up to ${MINUTES_PER_DAY}`);
  const symbols = [...new Set((options.symbols ?? SIMULATED_SYMBOLS).map(canonicalSymbol))];
  refuseUnless(symbols.length > 0, 'there is no symbol', 'give at least one, like BTC-SIM');
  const profile = dayProfile();
  const unit = processOfAccuracy(signalAccuracy, 0.5 ** (1 / halfLife), horizonMinutes, profile);
  ensureWritable(out);

  const series: SimulatedSeries[] = [];
  for (const symbol of symbols) {
    const market = marketOf(symbol);
    const process = scaled(unit, market.dailyVolatility ** 2 / MINUTES_PER_DAY / longRunVariance(unit));
    const record: SimulationRecord = {
      format: 1,
      symbol,
      seed,
      from: new Date(range.from).toISOString(),
      to: new Date(range.to).toISOString(),
      horizonMinutes,
      gapShare: gaps,
      process,
      market,
      bestAccuracy: bestAccuracy(process, horizonMinutes, profile),
    };
    series.push(await simulateSeries(record, range, out, options));
  }
  return series;
}

async function simulateSeries(record: SimulationRecord, range: TimeRange, out: string, { onProgress, signal }: JobControl): Promise<SimulatedSeries> {
  const { symbol, bestAccuracy: best } = record;
  const id = { exchange: SIMULATED_EXCHANGE, symbol };
  const folder = dirname(seriesFolder(out, id));
  beginRecord(folder, record);
  const meter = new AccuracyMeter(record.process, horizonMinutes);
  const writer = openSeriesForWriting(out, id);
  let candles = 0;
  try {
    for (const month of simulateMonths({ ...record, range })) {
      signal?.throwIfAborted();
      meter.add(month);
      await writer.append(month.candles, month.range);
      candles += month.candles.time.length;
      onProgress?.({ label: `simulating ${symbol}`, done: (month.range.to - range.from) / MINUTE_MS, total: (range.to - range.from) / MINUTE_MS, unit: 'minutes' });
    }
  } finally {
    writer.close();
  }
  const measured = meter.result();
  writeRecord(folder, { ...record, measured });
  return { symbol, folder, candles, from: record.from, to: record.to, bestAccuracy: best, measured };
}

/** ms; an exchange's candles are of years in between. */
const LATEST = Date.UTC(2200, 0);

function rangeOf({ start = '2025-01-06', days = 30 }: SimulateOptions): TimeRange {
  const from = parseIsoTime(start);
  refuseUnless(from % MINUTE_MS === 0, `start ${JSON.stringify(start)} is not a time on the minute`, 'write it like 2025-01-06');
  refuseUnless(Number.isSafeInteger(days) && days >= 1 && days <= mostDays, `days is ${days}`, `give a whole number from 1 to ${mostDays}`);
  const to = from + days * MINUTES_PER_DAY * MINUTE_MS;
  refuseUnless(from >= 0 && to <= LATEST, `${start} and ${days} days reach beyond the years 1970 to 2199`, 'give another start, or fewer days');
  return { from, to };
}

function refuseUnless(condition: boolean, problem: string, hint: string): void {
  if (!condition) throw new InputError(problem, { code: 'simulation-option', hint });
}
