import { checkSeries } from '../candles/quality/check-series.js';
import type { SeriesCheck } from '../candles/quality/check-series.js';
import type { Finding } from '../candles/quality/finding.js';
import { severityOf } from '../candles/quality/finding.js';
import { listSeries, readRawSeries } from '../candles/quality/raw-series.js';
import type { SeriesFiles, UnreadableFile } from '../candles/quality/raw-series.js';
import { compareSeries } from '../candles/quality/two-exchanges.js';
import type { ComparedSeries } from '../candles/quality/two-exchanges.js';
import { repairNotes, repairsOfFiles } from '../candles/repair/repair-record.js';
import type { RepairSummary } from '../candles/repair/repair-record.js';
import type { IgnoredFile } from '../candles/data-files.js';
import type { JobControl } from '../progress.js';
import { turnOfEventLoop } from './turn-of-event-loop.js';

export interface CheckedSeries extends SeriesFiles, SeriesCheck {
  readonly unreadable: readonly UnreadableFile[];
  /** What was done to its candles before (`crpbot data repair`), by folder; none where nothing was. */
  readonly repairs: readonly RepairSummary[];
}

/** Two series of one symbol side by side. */
export interface ComparedPair {
  readonly symbol: string;
  readonly between: readonly [a: string, b: string];
  /** Minutes from the first to the last that both reach. */
  readonly minutes: number;
  readonly findings: readonly Finding[];
}

export interface DataCheck {
  readonly series: readonly CheckedSeries[];
  readonly pairs: readonly ComparedPair[];
  readonly defects: number;
  readonly notices: number;
  readonly ignored: readonly IgnoredFile[];
  readonly notes: readonly string[];
}

/**
 * Looks through candle files for what is wrong with them; nothing is changed. Each series (a symbol of an exchange) by itself, then the series
 * of a symbol two by two. A file that cannot be read is named, and the rest of its series checked.
 * @throws InputError what `listCandleFiles` throws; that of a file where nothing of its series can be read; `repairs-unreadable`.
 */
export async function checkData(paths: readonly string[], { onProgress, signal }: JobControl = {}): Promise<DataCheck> {
  const { series: listed, ignored } = listSeries(paths);
  const several = new Set(listed.filter(({ symbol }, index) => listed.findIndex((other) => other.symbol === symbol) !== index).map(({ symbol }) => symbol));
  const series: CheckedSeries[] = [];
  const compared: (ComparedSeries & { readonly symbol: string })[] = [];
  const notes: string[] = [];
  for (const files of listed) {
    const raw = readRawSeries(files);
    const { ordered, ...check } = checkSeries(raw.candles);
    const repairs = repairsOfFiles(files.files);
    notes.push(...raw.notes, ...repairNotes(files.name, files.files));
    series.push({ ...files, ...check, unreadable: raw.unreadable, repairs: repairs.map(({ summary }) => summary) });
    if (several.has(files.symbol) && ordered.time.length > 0) compared.push({ symbol: files.symbol, name: files.exchange ?? files.name, candles: ordered });
    onProgress?.({ label: 'check', done: series.length, total: listed.length, unit: 'series' });
    await turnOfEventLoop();
    signal?.throwIfAborted();
  }
  const pairs: ComparedPair[] = [];
  for (const [index, a] of compared.entries()) {
    for (const b of compared.slice(index + 1)) {
      if (a.symbol !== b.symbol) continue;
      pairs.push({ symbol: a.symbol, between: [a.name, b.name], ...compareSeries(a, b) });
      signal?.throwIfAborted();
    }
  }
  const all = [...series, ...pairs].flatMap(({ findings }) => findings);
  const defects = all.filter(({ kind }) => severityOf(kind) === 'defect').length + series.reduce((sum, { unreadable }) => sum + unreadable.length, 0);
  return { series, pairs, defects, notices: all.filter(({ kind }) => severityOf(kind) === 'notice').length, ignored, notes };
}
