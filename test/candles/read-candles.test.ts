import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candles } from '../../src/candles/candles.js';
import { findGaps } from '../../src/candles/gaps.js';
import { readCandles } from '../../src/candles/read-candles.js';
import { writeParquet } from '../../src/tables/parquet.js';
import { describeWithShared, fixtures } from '../support/requirements.js';
import { scratchFolder } from '../tables/scratch-folder.js';
import { candlesCsv, monday, plainCsv, someCandles } from './some-candles.js';

const scratch = scratchFolder();
const emptyFolder = (): string => mkdtempSync(join(scratch, 'case-'));

function written(name: string, content: string | Uint8Array, folder = emptyFolder()): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

function writeCandles(file: string, candles: Candles): string {
  const { time, open, high, low, close, volume } = candles;
  const columns = [['timestamp', time], ['open', open], ['high', high], ['low', low], ['close', close], ['volume', volume]] as const;
  writeParquet(file, columns, { timeColumn: 'timestamp' });
  return file;
}

function refusal(read: () => unknown): unknown {
  try {
    read();
  } catch (error) {
    return error;
  }
  throw new Error('it was read');
}

describe('the exports of exchanges', () => {
  const candles = someCandles(30);
  const { time, open, high, low, close, volume } = candles;
  const ohlcv = (row: number): number[] => [open[row], high[row], low[row], close[row], volume[row]];
  const klines = (perMs: number) => (row: number) => [time[row] * perMs, ...ohlcv(row), (time[row] + 59_999) * perMs, 12.5, 7, 1.5, 2.5, 0];
  const binance = 'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore';

  it.each<[string, string]>([
    ['Binance, without header, ms', candlesCsv(candles, '', klines(1))],
    ['Binance, without header, us', candlesCsv(candles, '', klines(1000))],
    ['Binance, with header', candlesCsv(candles, binance, klines(1))],
    ['ccxt', candlesCsv(candles, '', (row) => [time[row], ...ohlcv(row)])],
    ['Coinbase', candlesCsv(candles, 'time,low,high,open,close,volume', (row) => [time[row] / 1000, low[row], high[row], open[row], close[row], volume[row]])],
    ['Kraken, API', candlesCsv(candles, 'time,open,high,low,close,vwap,volume,count', (row) => [time[row] / 1000, open[row], high[row], low[row], close[row], 1, volume[row], 3])],
    ['Kraken, API, without header', candlesCsv(candles, '', (row) => [time[row] / 1000, open[row], high[row], low[row], close[row], 1, volume[row], 3])],
    ['Kraken, archive', candlesCsv(candles, '', (row) => [time[row] / 1000, ...ohlcv(row), 3])],
    ['Bitfinex', candlesCsv(candles, 'MTS,OPEN,CLOSE,HIGH,LOW,VOLUME', (row) => [time[row], open[row], close[row], high[row], low[row], volume[row]])],
    [
      'CryptoDataDownload',
      candlesCsv(candles, 'Unix,Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USD', (row) => [time[row], '2025', 'BTC/SIM', ...ohlcv(row), 9]),
    ],
    ['pandas, index', candlesCsv(candles, ',open,high,low,close,volume', (row) => [new Date(time[row]).toISOString().slice(0, 19).replace('T', ' '), ...ohlcv(row)])],
    ['pandas, zone', candlesCsv(candles, 'Datetime,Open,High,Low,Close,Volume', (row) => [new Date(time[row]).toISOString().replace('Z', '+00:00'), ...ohlcv(row)])],
    ['pandas, row numbers beside times', candlesCsv(candles, ',timestamp,open,high,low,close,volume', (row) => [row, time[row], ...ohlcv(row)])],
    ['JSON to CSV', candlesCsv(candles, '"t","o","h","l","c","v"', (row) => [`"${new Date(time[row]).toISOString()}"`, ...ohlcv(row)])],
  ])('%s', (_, csv) => {
    expect(readCandles(written('BTC-SIM_1m.csv', csv))).toEqual(candles);
    expect(readCandles(written('BTC-SIM_1m.csv.gz', gzipSync(csv)))).toEqual(candles);
  });

  it('newest first are turned round, and that is said', () => {
    const lines = plainCsv(candles).trim().split('\n');
    const file = written('BTC-SIM_1m.csv', [lines[0], ...lines.slice(1).reverse()].join('\n'));
    const notes: string[] = [];
    expect(readCandles(file, { onNote: (note) => notes.push(note) })).toEqual(candles);
    expect(notes).toEqual([`${file}: newest first, turned round`]);
  });

  it('with prices in another order and no header are refused, not misread', () => {
    const csv = candlesCsv(candles, '', (row) => [time[row] / 1000, low[row], high[row], open[row], close[row], volume[row]]);
    expect(refusal(() => readCandles(written('BTC-SIM_1m.csv', csv)))).toMatchObject({ code: 'candle-low-too-high', hint: 'check the order and names of the columns' });
  });

  it('round-trip through CSV and Parquet', () => {
    const price = fc.double({ min: 1e-8, max: 1e6, noNaN: true });
    const row = fc.record({ step: fc.integer({ min: 1, max: 3 }), prices: fc.tuple(price, price, price, price), volume: fc.double({ min: 0, max: 1e9, noNaN: true }) });
    const folder = emptyFolder();
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 9 }), (rows) => {
        let at = monday;
        const time = Float64Array.from(rows, ({ step }) => (at += step * 60_000));
        const sorted = rows.map(({ prices }) => [...prices].sort((a, b) => a - b));
        const column = (index: number): Float64Array => Float64Array.from(sorted, (four) => four[index]);
        const random: Candles = { symbol: 'BTC-SIM', time, open: column(1), high: column(3), low: column(0), close: column(2), volume: Float64Array.from(rows, (one) => one.volume) };
        expect(readCandles(written('BTC-SIM_1m.csv', plainCsv(random), folder))).toEqual(random);
        expect(readCandles(writeCandles(join(folder, 'BTC-SIM_1m.parquet'), random))).toEqual(random);
      }),
      { numRuns: 25 },
    );
  });
});

describe('the Parquet files of pandas', () => {
  it.each(['naive_ns_index', 'new_york_us_date_index', 'int96', 'seconds_int64', 'iso_text'])('%s', (name) => {
    const candles = readCandles(join(fixtures, 'pandas', `${name}.parquet`), { symbol: 'BTC-USD' });
    expect(candles.symbol).toBe('BTC-USD');
    expect([...candles.time]).toEqual(Array.from({ length: 12 }, (_, row) => monday + row * 60_000));
    expect([candles.open[11], candles.high[11], candles.low[11], candles.close[11], candles.volume[11]]).toEqual([111, 112.5, 110, 111.5, 2.75]);
  });
});

describe('parts', () => {
  const whole = someCandles(90);
  const part = (from: number, to: number): Candles => ({
    symbol: whole.symbol,
    time: whole.time.slice(from, to),
    open: whole.open.slice(from, to),
    high: whole.high.slice(from, to),
    low: whole.low.slice(from, to),
    close: whole.close.slice(from, to),
    volume: whole.volume.slice(from, to),
  });

  it('of one symbol are put together in time order, whatever their names and formats', () => {
    const folder = emptyFolder();
    writeCandles(join(folder, 'BTC-SIM_1m_b.parquet'), part(0, 30));
    written('BTC-SIM_1m_a.csv', plainCsv(part(30, 60)), folder);
    written('BTC_SIM_1m_0.csv.gz', gzipSync(plainCsv(part(60, 90))), folder);
    expect(readCandles(folder)).toEqual(whole);
  });

  it('may lie in folders named after symbol and timeframe', () => {
    const folder = emptyFolder();
    for (const [month, from] of [['2025-02', 45], ['2025-01', 0]] as const) writeCandles(join(folder, `BTC-SIM/1m/${month}.parquet`), part(from, from + 45));
    mkdirSync(join(folder, 'BTC-SIM/5m'));
    written('2025-01.parquet', 'five minutes', join(folder, 'BTC-SIM/5m'));
    expect(readCandles(folder)).toEqual(whole);
  });

  it('leave the gap between them as it is', () => {
    const folder = emptyFolder();
    writeCandles(join(folder, 'BTC-SIM_1m_1.parquet'), part(0, 30));
    writeCandles(join(folder, 'BTC-SIM_1m_2.parquet'), part(40, 90));
    expect(findGaps(readCandles(folder))).toMatchObject({ count: 1, missingMinutes: 10, longestMinutes: 10 });
  });

  it.each([
    ['overlap', 29],
    ['contain one another', 5],
  ])('that %s are refused, both named', (_, from) => {
    const folder = emptyFolder();
    const one = writeCandles(join(folder, 'BTC-SIM_1m_1.parquet'), part(0, 30));
    const two = writeCandles(join(folder, 'BTC-SIM_1m_2.parquet'), part(from, from + 20));
    const error = refusal(() => readCandles(folder)) as Error;
    expect(error).toMatchObject({ code: 'candle-parts-overlap' });
    expect(error.message).toContain(one);
    expect(error.message).toContain(two);
  });

  it('of several symbols need a choice', () => {
    const folder = emptyFolder();
    writeCandles(join(folder, 'BTC-SIM_1m.parquet'), whole);
    writeCandles(join(folder, 'ETH-SIM_1m.parquet'), whole);
    expect(readCandles(folder, { symbol: 'eth/sim' })).toEqual({ ...whole, symbol: 'ETH-SIM' });
    expect(refusal(() => readCandles(folder))).toMatchObject({ code: 'several-symbols' });
    expect(refusal(() => readCandles(folder, { symbol: 'SOL-SIM' }))).toMatchObject({ code: 'no-data-files', hint: 'there are: BTC-SIM, ETH-SIM' });
    expect(refusal(() => readCandles(join(folder, 'BTC-SIM_1m.parquet'), { symbol: 'ETH-SIM' }))).toMatchObject({ code: 'several-symbols' });
  });
});

describe('candles that are wrong are refused with their place', () => {
  const good = plainCsv(someCandles(5)).trim().split('\n');
  const csv = (change: (lines: string[]) => void): string => {
    const lines = [...good];
    change(lines);
    return written('BTC-USD_1m.csv', lines.join('\n'));
  };
  const cell = (line: number, column: number, text: string) => (lines: string[]) => {
    const cells = lines[line - 1].split(',');
    cells[column] = text;
    lines[line - 1] = cells.join(',');
  };
  const two = '1736121660000';

  it.each<[string, (lines: string[]) => void, string, number, string | undefined]>([
    ['a word', cell(4, 4, 'n/a'), 'csv-bad-cell', 4, 'close'],
    ['an empty cell', cell(3, 5, ''), 'csv-bad-cell', 3, 'volume'],
    ['NaN', cell(3, 2, 'NaN'), 'csv-bad-cell', 3, 'high'],
    ['a thousands separator', cell(3, 1, '"1,234.5"'), 'csv-bad-cell', 3, 'open'],
    ['a cell too few', (lines) => (lines[2] = lines[2].slice(0, lines[2].lastIndexOf(','))), 'csv-cell-count', 3, undefined],
    ['a cell too many', (lines) => (lines[5] += ',1'), 'csv-cell-count', 6, undefined],
    ['a line cut off', (lines) => (lines[5] = lines[5].slice(0, 20)), 'csv-cell-count', 6, undefined],
    ['a time in another form', cell(5, 0, '2025-01-06 00:03'), 'csv-bad-cell', 5, 'time'],
    ['a time in another unit', cell(5, 0, '1736121780'), 'candle-time-unit-mixed', 5, 'time'],
    ['a duplicated minute', cell(4, 0, two), 'candle-time-duplicate', 4, 'time'],
    ['a minute out of order', cell(2, 0, '1736121690000'), 'candle-time-off-minute', 2, 'time'],
    ['a swapped line', (lines) => lines.push(lines.splice(2, 1)[0]), 'candle-time-unsorted', 6, 'time'],
    ['a high too low', cell(6, 2, '1'), 'candle-high-too-low', 6, 'high'],
    ['a negative volume', cell(6, 5, '-1'), 'candle-volume-negative', 6, 'volume'],
    ['blank lines above', (lines) => lines.splice(1, 1, '', '', `${two},1,2,1,x,3`), 'csv-bad-cell', 4, 'close'],
    ['a decimal comma', (lines) => lines.splice(0, lines.length, 'time;open;high;low;close;volume', `${two};1,5;2;1;1;3`), 'csv-bad-cell', 2, 'open'],
  ])('CSV with %s', (_, change, code, line, column) => {
    const file = csv(change);
    const place = column === undefined ? { file, line } : { file, line, column };
    expect(refusal(() => readCandles(file))).toMatchObject({ name: 'InputError', code, place });
  });

  it('names the line of a newest-first file as it stands there', () => {
    const file = csv((lines) => {
      lines.splice(1, lines.length, ...lines.slice(1).reverse());
      cell(3, 5, '-4')(lines);
    });
    expect(refusal(() => readCandles(file))).toMatchObject({ code: 'candle-volume-negative', place: { file, line: 3, column: 'volume' } });
  });

  it.each<[string, (candles: Candles) => void, string, number]>([
    ['NaN', ({ close }) => (close[7] = NaN), 'candle-not-finite', 7],
    ['duplicated times', ({ time }) => (time[7] = time[6]), 'candle-time-duplicate', 7],
    ['unsorted times', ({ time }) => ([time[7], time[8]] = [time[8], time[7]]), 'candle-time-unsorted', 8],
  ])('Parquet with %s', (_, change, code, row) => {
    const candles = someCandles(20);
    change(candles);
    const file = writeCandles(join(emptyFolder(), 'BTC-USD_1m.parquet'), candles);
    expect(refusal(() => readCandles(file))).toMatchObject({ name: 'InputError', code, place: { file, row } });
  });

  it.each([
    ['another schema', 'types.parquet', 'candle-columns-missing'],
    ['no rows', 'no_rows.parquet', 'candles-empty'],
  ])('Parquet with %s', (_, name, code) => {
    const file = join(fixtures, 'pandas', name);
    expect(refusal(() => readCandles(file, { symbol: 'BTC-USD' }))).toMatchObject({ name: 'InputError', code, place: { file } });
  });

  it('another timeframe', () => {
    const hourly = someCandles(20);
    hourly.time.forEach((_, row) => (hourly.time[row] = monday + row * 3_600_000));
    const file = written('BTC-SIM.csv', plainCsv(hourly));
    expect(refusal(() => readCandles(file))).toMatchObject({ code: 'candle-timeframe', place: { file } });
  });

  it.each<[string, () => string, string]>([
    ['a missing folder', () => join(scratch, 'nowhere'), 'path-missing'],
    ['an empty folder', emptyFolder, 'no-data-files'],
    ['a file without a symbol', () => written('data.csv', good.join('\n')), 'symbol-unknown'],
    ['an empty file', () => written('BTC-USD_1m.csv', ''), 'candles-empty'],
    ['a header only', () => written('BTC-USD_1m.csv', good[0]), 'candles-empty'],
    ['a file of other columns', () => written('BTC-USD_1m.csv', 'time,price\n1,2\n'), 'candle-columns-missing'],
    ['two columns of a name', () => written('BTC-USD_1m.csv', 'time,open,high,low,close,Close,volume\n'), 'candle-columns-ambiguous'],
    ['rows without header of a strange width', () => written('BTC-USD_1m.csv', `${two},1,2\n`), 'candle-columns-missing'],
    ['row numbers for times', () => written('BTC-USD_1m.csv', 'index,open,high,low,close,volume\n0,1,2,1,1,3\n'), 'candle-time-unreadable'],
  ])('%s', (_, path, code) => {
    expect(refusal(() => readCandles(path()))).toMatchObject({ name: 'InputError', code });
  });
});

describeWithShared('two real years', (samples) => {
  it.each([
    ['BTC-USD', 1_033_226, 13_947, 17_974, 197],
    ['ETH-USD', 964_016, 60_031, 87_181, 257],
  ])('of %s have the gaps they are known to have', (symbol, rows, count, missingMinutes, longestMinutes) => {
    const candles = readCandles(join(samples, `real/${symbol}_bitfinex_1m_2018-01-01_2019-12-31.parquet`));
    expect(candles.symbol).toBe(symbol);
    expect(candles.time.length).toBe(rows);
    expect(candles.time[0]).toBe(Date.UTC(2018, 0, 1));
    expect(findGaps(candles)).toMatchObject({ count, missingMinutes, longestMinutes });
  });
});
