import { ensureWritable } from '../atomic-file.js';
import { orderedCandles } from '../candles/candle-table.js';
import type { OnNote } from '../candles/candle-table.js';
import type { IgnoredFile } from '../candles/data-files.js';
import { joinFiles } from '../candles/import/join-files.js';
import type { ImportedFile } from '../candles/import/join-files.js';
import { listExports } from '../candles/import/list-exports.js';
import { readExport } from '../candles/import/read-export.js';
import { seriesFolder } from '../candles/store/series-layout.js';
import { openSeriesForWriting } from '../candles/store/series-writer.js';
import type { TimeRange } from '../candles/time-range.js';
import { mergeRanges } from '../candles/time-range.js';
import type { JobControl } from '../progress.js';

export interface ImportCandleFilesOptions extends JobControl {
  /** CSV (plain or gzip), Parquet, Feather, Binance's monthly zip files, or folders of them. */
  readonly paths: readonly string[];
  /** What the store calls their origin, default `files`. */
  readonly exchange?: string | undefined;
  /** Whose candles they are where the names do not say; of a folder, whose to take. */
  readonly symbol?: string | undefined;
  /** The store's folder, default `data/candles`. */
  readonly out?: string | undefined;
  readonly onNote?: OnNote | undefined;
}

export interface ImportedSeries {
  readonly exchange: string;
  readonly symbol: string;
  /** The folder of its parts. */
  readonly folder: string;
  readonly files: readonly string[];
  /** In the files, each minute once. */
  readonly candles: number;
  /** What the files speak of: what lies between counts as never fetched. ms */
  readonly covered: readonly TimeRange[];
}

export interface ImportedCandles {
  readonly series: readonly ImportedSeries[];
  /** Files of the folders that were not taken, and why. */
  readonly ignored: readonly IgnoredFile[];
}

/**
 * Imports exported candles into the store. A file speaks of the time from its first to its last candle. All files of a
 * symbol are read and compared before its first candle is stored; importing the same again changes nothing.
 * @throws InputError whatever is wrong with a file, by file and line or row (`readExport`, `checkCandles`);
 * `import-disagreement`; `store-conflict` where the store holds other candles; `series-name-invalid`; `cannot-write`
 */
export async function importCandleFiles(options: ImportCandleFilesOptions): Promise<ImportedCandles> {
  const { paths, exchange = 'files', out = 'data/candles', onNote = () => undefined, onProgress, signal } = options;
  const { symbols, ignored } = listExports(paths, options.symbol);
  for (const { symbol } of symbols) seriesFolder(out, { exchange, symbol });
  ensureWritable(out);
  const series: ImportedSeries[] = [];
  for (const { symbol, files } of symbols) {
    const tables: ImportedFile[] = [];
    for (const file of files) {
      // Lets an interrupt be heard, and polars give back the memory of the file before.
      await new Promise((done) => setImmediate(done));
      signal?.throwIfAborted();
      tables.push({ file, candles: orderedCandles(readExport(file, symbol), onNote) });
      onProgress?.({ label: `reading ${symbol}`, done: tables.length, total: files.length, unit: 'files' });
    }
    const stretches = joinFiles(tables, onNote);
    const id = { exchange, symbol };
    const writer = openSeriesForWriting(out, id);
    let candles = 0;
    try {
      for (const stretch of stretches) {
        signal?.throwIfAborted();
        await writer.append(stretch.candles, stretch.answered);
        candles += stretch.candles.time.length;
        onProgress?.({ label: `storing ${symbol}`, done: candles, unit: 'candles' });
      }
    } finally {
      writer.close();
    }
    series.push({ exchange, symbol, folder: seriesFolder(out, id), files, candles, covered: mergeRanges(stretches.map(({ answered }) => answered)) });
  }
  return { series, ignored };
}
