import { basename, dirname } from 'node:path';
import { InputError } from '../errors.js';

/** What the program's data files are, by their names. */
export type DataKind = 'candles' | 'exported candles' | 'features' | 'model';

const quotes = ['USDT', 'USDC', 'FDUSD', 'BUSD', 'TUSD', 'USD', 'EUR', 'GBP', 'JPY', 'AUD', 'CAD', 'CHF', 'BRL', 'TRY', 'DAI', 'BTC', 'ETH', 'BNB'];

const extensions: Readonly<Record<DataKind, RegExp>> = {
  candles: /\.(parquet|pq|csv|csv\.gz)$/i,
  'exported candles': /\.(parquet|pq|csv|csv\.gz|zip|feather|arrow)$/i,
  features: /\.(parquet|pq)$/i,
  model: /\.(pt|pth|safetensors|onnx)$/i,
};

const featurePrefix = /^features[_-]/i;
const modelPrefix = /^(lstm|bilstm|gru|rnn|tcn|cnn|transformer|logistic|boosting|lightgbm|xgboost|catboost|ensemble|model)[_-]/i;
/** Of JSON files only an ensemble is a model. */
const ensembleFile = /^ensemble[_-].*\.json$/i;
/** What is written beside models and data, and is neither. */
const resultPrefix = /^(predictions|evaluation|results?|history|report)[_-]/i;

const timeframe = /^\d+(s|m|min|h|d|w)$/i;

/**
 * The canonical form of a symbol: `BTC-USD` for `btc_usd`, `BTC/USD`, `BTCUSD`.
 * @throws InputError `symbol-unreadable`.
 */
export function canonicalSymbol(text: string): string {
  const parts = text.trim().toUpperCase().split(/[-_/]/);
  const known = parts.length === 1 ? splitPair(parts[0]) : parts;
  if (known.length <= 2 && known.every((part) => /^[A-Z0-9][A-Z0-9.]*$/.test(part))) return known.join('-');
  throw new InputError(`${text} is not a symbol`, { code: 'symbol-unreadable', hint: 'write it like BTC-USD' });
}

/** Whether a file name is one of this kind, whatever its symbol. */
export function isFileOfKind(file: string, kind: DataKind): boolean {
  const name = basename(file);
  if (kind === 'model' && ensembleFile.test(name)) return true;
  if (!extensions[kind].test(name) || /\.expected\.[a-z]+$/i.test(name) || resultPrefix.test(name)) return false;
  if (kind === 'features') return featurePrefix.test(name);
  return kind === 'model' || !(featurePrefix.test(name) || modelPrefix.test(name));
}

/**
 * The symbol a file name says: `BTC-USD` of `BTC-USD_1m_2025.parquet`, `features_BTC-USD_1m_x_50feat.parquet`,
 * `lstm_BTC_USD_1m_ab12.pt`, `BTC-USD_bitfinex_1m.csv.gz`, `BTCUSDT-1m-2025-01.csv`; of the folder, where the name is
 * a part's: `BTC-USD/1m/2025-01.parquet`. Undefined where neither says one.
 */
export function symbolOfFile(file: string): string | undefined {
  const ownName = symbolInName(basename(file));
  if (ownName !== undefined) return ownName;
  const folder = basename(dirname(file));
  const symbolFolder = timeframe.test(folder) ? basename(dirname(dirname(file))) : folder;
  return /^[A-Za-z0-9]+[-_]?[A-Za-z0-9]+$/.test(symbolFolder) ? symbolInName(symbolFolder) : undefined;
}

/** The timeframe a file name says (`1m`, `15m`, `1h`), of itself or of its folder. */
export function timeframeOfFile(file: string): string | undefined {
  const stem = basename(file).replace(/\.[a-z.]+$/i, '');
  const inName = stem.split(/[-_]/).find((token) => timeframe.test(token));
  const folder = basename(dirname(file));
  return (inName ?? (timeframe.test(folder) ? folder : undefined))?.toLowerCase().replace(/min$/, 'm');
}

function symbolInName(name: string): string | undefined {
  let stem = name.replace(/(\.[a-z][a-z0-9]*)+$/i, '');
  for (let before = ''; before !== stem; ) {
    before = stem;
    stem = stem.replace(featurePrefix, '').replace(modelPrefix, '');
  }
  const [first = '', second = '', third = ''] = stem.split(/[-_]/);
  if (!/[A-Za-z]/.test(first) || !/^[A-Za-z0-9]+$/.test(first) || timeframe.test(first)) return undefined;
  const hyphened = stem[first.length] === '-';
  if (/^[A-Za-z0-9]+$/.test(second) && /[A-Za-z]/.test(second) && !timeframe.test(second)) {
    const certain = quotes.includes(second.toUpperCase()) || timeframe.test(third) || (hyphened && `${first}${second}` === `${first}${second}`.toUpperCase());
    if (certain) return `${first}-${second}`.toUpperCase();
  }
  const pair = splitPair(first.toUpperCase());
  return pair.length === 2 || timeframe.test(second) ? pair.join('-') : undefined;
}

/** `BTCUSDT` -> `BTC`, `USDT`; one part where no known quote currency ends it. `XBTUSD` is not `XB`, `TUSD`. */
function splitPair(pair: string): string[] {
  const ends = quotes.filter((quote) => pair.endsWith(quote) && pair.length - quote.length >= 2);
  const quote = ends.find((end) => pair.length - end.length >= 3) ?? ends[0];
  return quote === undefined ? [pair] : [pair.slice(0, -quote.length), quote];
}
