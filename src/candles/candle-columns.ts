import { InputError } from '../errors.js';
import type { Place } from '../errors.js';
import { CANDLE_COLUMNS } from './candles.js';

/** Where a table keeps its candles: the position of each column. */
export interface CandleLayout {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Lower case, letters and digits only: `Open time` and `open_time` are `opentime`; pandas' unnamed index is ``. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '').replace(/^unnamed0$/, '');

/** Names in use, best first: Binance, Coinbase, ccxt, Kraken, Bitfinex, CryptoDataDownload, pandas. */
const names: Readonly<Record<keyof CandleLayout, readonly string[]>> = {
  time: ['timestamp', 'opentime', 'opentimestamp', 'unix', 'unixtimestamp', 'mts', 'datetime', 'date', 'time', 'ts', 'start', 'starttime', 't', 'indexlevel0', 'index', ''],
  open: ['open', 'openprice', 'o'],
  high: ['high', 'highprice', 'h'],
  low: ['low', 'lowprice', 'l'],
  close: ['close', 'closeprice', 'c'],
  volume: ['volume', 'vol', 'basevolume', 'volumebase', 'v'],
};

/**
 * The layout of a table with these column names, whatever their case, punctuation and order.
 * @param symbol lets `Volume BTC` be the volume of BTC-USD.
 * @throws InputError `candle-columns-missing`, `candle-columns-ambiguous`.
 */
export function layoutOfNames(header: readonly string[], place: Place, symbol?: string): CandleLayout {
  const given = header.map(plain);
  const missing: string[] = [];
  const find = (column: keyof CandleLayout): number => {
    const base = column === 'volume' && symbol !== undefined ? [`volume${plain(symbol.split('-')[0])}`] : [];
    const name = [...names[column], ...base].find((candidate) => given.includes(candidate));
    if (name === undefined) {
      missing.push(column);
      return -1;
    }
    const position = given.indexOf(name);
    const again = given.indexOf(name, position + 1);
    if (again === -1) return position;
    throw new InputError(`both ${header[position]} and ${header[again]} could be the column ${column}`, {
      code: 'candle-columns-ambiguous',
      place: { ...place, column },
      hint: 'leave one of them out',
    });
  };
  const layout = { time: find('time'), open: find('open'), high: find('high'), low: find('low'), close: find('close'), volume: find('volume') };
  if (missing.length === 0) return layout;
  throw new InputError(`no column for ${missing.join(', ')} among: ${header.join(', ') || 'none'}`, {
    code: 'candle-columns-missing',
    place,
    hint: `candles need a time (timestamp, open_time, date, time ...) and ${CANDLE_COLUMNS.join(', ')}`,
  });
}

const timeFirst = { time: 0, open: 1, high: 2, low: 3, close: 4 };

/**
 * The layout of rows without a header, by their width: 6 ccxt, 7 Kraken's archive (trades last), 8 Kraken's API (average
 * price before volume), 11 and 12 Binance klines. Exchanges that order prices otherwise (Coinbase, Bitfinex) fail the
 * check of highs and lows.
 * @throws InputError `candle-columns-missing`.
 */
export function layoutOfWidth(width: number, place: Place): CandleLayout {
  if ([6, 7, 11, 12].includes(width)) return { ...timeFirst, volume: 5 };
  if (width === 8) return { ...timeFirst, volume: 6 };
  throw new InputError(`${width} columns and no header`, {
    code: 'candle-columns-missing',
    place,
    hint: 'add a first line: timestamp,open,high,low,close,volume in the order of the columns',
  });
}
