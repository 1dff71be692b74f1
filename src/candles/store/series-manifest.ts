import { readFileSync } from 'node:fs';
import { InputError } from '../../errors.js';
import { MINUTE_MS } from '../candles.js';
import type { TimeRange } from '../time-range.js';
import { isMonth, manifestFile } from './series-layout.js';
import type { MonthRecord, SeriesId, SeriesManifest } from './series.js';

/**
 * What a series' folder says of itself; undefined where it holds no manifest.
 * @throws InputError `store-manifest-unreadable`: no JSON, of another series, or with a value that cannot be.
 */
export function readManifest(root: string, id: SeriesId): SeriesManifest | undefined {
  const file = manifestFile(root, id);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw unreadable(file, (cause as Error).message, cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(file, (cause as Error).message, cause);
  }
  const problem = problemOf(value, id);
  if (problem !== undefined) throw unreadable(file, problem);
  return ordered(value as SeriesManifest);
}

export function emptyManifest({ exchange, symbol }: SeriesId): SeriesManifest {
  return { format: 1, exchange, symbol, timeframe: '1m', months: {}, covered: [] };
}

/** The manifest's file, whole: keys and months in a fixed order, so that the same series gives the same bytes. */
export function manifestText(manifest: SeriesManifest): string {
  return `${JSON.stringify(ordered(manifest), null, 1)}\n`;
}

function ordered({ format, exchange, symbol, timeframe, months, covered, writing }: SeriesManifest): SeriesManifest {
  const inOrder = Object.entries(months)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([month, { rows, first, last, sha256, bytes }]) => [month, { rows, first, last, sha256, bytes }] as const);
  return {
    format,
    exchange,
    symbol,
    timeframe,
    months: Object.fromEntries(inOrder),
    covered: covered.map(({ from, to }) => ({ from, to })),
    ...(writing && { writing: { month: writing.month, sha256: writing.sha256 } }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isHash = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
const isMinute = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) % MINUTE_MS === 0;
const isIsoMinute = (value: unknown): boolean => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z$/.test(value) && isMinute(Date.parse(value));

/** What is wrong with a manifest, in words; undefined where nothing is. */
function problemOf(value: unknown, id: SeriesId): string | undefined {
  if (!isObject(value)) return 'it is no object';
  const { format, exchange, symbol, timeframe, months, covered, writing } = value;
  if (format !== 1) return `format is ${JSON.stringify(format)}, 1 is known`;
  for (const [name, given, wanted] of [['exchange', exchange, id.exchange], ['symbol', symbol, id.symbol], ['timeframe', timeframe, '1m']] as const) {
    if (given !== wanted) return `${name} is ${JSON.stringify(given)}, its folder says ${wanted}`;
  }
  if (!isObject(months)) return 'months is no object';
  for (const [month, record] of Object.entries(months)) {
    if (!isMonth(month)) return `${JSON.stringify(month)} is no month`;
    const wrong = isObject(record) ? wrongField(record) : 'the record';
    if (wrong !== undefined) return `${wrong} of ${month} cannot be right`;
  }
  if (!Array.isArray(covered)) return 'covered is no list';
  let last = -Infinity;
  for (const range of covered as unknown[]) {
    if (!isObject(range) || !isMinute(range.from) || !isMinute(range.to)) return `covered holds ${JSON.stringify(range)}`;
    const { from, to } = range as unknown as TimeRange;
    if (from <= last || to <= from) return `covered holds ${JSON.stringify(range)}, which is empty or not after the range before`;
    last = to;
  }
  if (writing === undefined) return undefined;
  return isObject(writing) && typeof writing.month === 'string' && isMonth(writing.month) && isHash(writing.sha256) ? undefined : 'writing cannot be right';
}

function wrongField({ rows, first, last, sha256, bytes }: Partial<MonthRecord>): string | undefined {
  if (!isCount(rows)) return 'rows';
  if (!isIsoMinute(first)) return 'first';
  if (!isIsoMinute(last)) return 'last';
  if (!isHash(sha256)) return 'sha256';
  return isCount(bytes) ? undefined : 'bytes';
}

function unreadable(file: string, reason: string, cause?: unknown): InputError {
  return new InputError(`${file} does not describe a series: ${reason}`, {
    code: 'store-manifest-unreadable',
    place: { file },
    hint: 'restore it, or delete it: the next collection then checks the parts, takes them over and asks only for what they lack',
    cause,
  });
}
