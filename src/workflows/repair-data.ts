import { join } from 'node:path';
import { ensureWritable, writeTextAtomically } from '../atomic-file.js';
import { MINUTE_MS } from '../candles/candles.js';
import type { Candles } from '../candles/candles.js';
import type { IgnoredFile } from '../candles/data-files.js';
import { FINDING_KINDS } from '../candles/quality/finding.js';
import type { Finding } from '../candles/quality/finding.js';
import { listSeries } from '../candles/quality/raw-series.js';
import type { SeriesFiles } from '../candles/quality/raw-series.js';
import { readRepairSources } from '../candles/repair/read-sources.js';
import { CERTAIN_KINDS, REPAIR_KINDS } from '../candles/repair/repair.js';
import type { RepairKind, RepairOptions } from '../candles/repair/repair.js';
import { repairRecordText, REPAIRS_NAME, summarizeRepairs } from '../candles/repair/repair-record.js';
import type { RepairRecord, RepairSummary } from '../candles/repair/repair-record.js';
import { repairSeries } from '../candles/repair/repair-series.js';
import { refuseOtherRepair, refuseOtherTarget } from '../candles/repair/repair-target.js';
import { copyRows } from '../candles/store/month-part.js';
import { rowAtOrAfter } from '../candles/time-range.js';
import { seriesFolder } from '../candles/store/series-layout.js';
import { openSeriesForWriting } from '../candles/store/series-writer.js';
import type { TimeRange } from '../candles/time-range.js';
import { InputError } from '../errors.js';
import type { JobControl } from '../progress.js';
import { projectVersion } from '../project-root.js';
import { turnOfEventLoop } from './turn-of-event-loop.js';

export interface RepairDataOptions extends RepairOptions, JobControl {
  /** Candle files or folders of them. */
  readonly paths: readonly string[];
  /** The store to write to, never the source. Without it nothing is written: a plan. */
  readonly out?: string | undefined;
}

export interface RepairedSeries {
  readonly name: string;
  readonly exchange: string;
  readonly symbol: string;
  readonly record: RepairRecord;
  readonly summary: RepairSummary;
  /** What no series may hold and no repair was asked for; none where it was written. */
  readonly undecided: readonly Finding[];
  /** Where it was written. */
  readonly folder?: string;
}

export interface DataRepair {
  readonly series: readonly RepairedSeries[];
  readonly ignored: readonly IgnoredFile[];
  readonly notes: readonly string[];
}

/** What the store calls the origin of candles whose path does not say it. */
const UNNAMED_EXCHANGE = 'files';
const REPAIR_ORDER = Object.keys(REPAIR_KINDS) as RepairKind[];

/**
 * Repairs candles into a store of their own, each series with a record of what was done. The sources stay as they are.
 * The same files and options give the same bytes; a killed repair is gone on with by the same call.
 * @throws InputError what `listCandleFiles` throws; `repair-in-place`, `repair-out-taken`; `repair-shift-several`,
 * `repair-same-series`; `repair-source-unreadable`, `repairs-unreadable`; `store-part-changed`, `store-part-missing` where
 * the source's manifest says otherwise; `repair-undecided`, `repair-leaves-nothing` (the series before are written);
 * `cannot-write`; TemporaryError `repair-source-changing`.
 */
export async function repairData(options: RepairDataOptions): Promise<DataRepair> {
  const { paths, out, onProgress, signal } = options;
  const { series: listed, ignored } = listSeries(paths);
  refuseAmbiguous(listed, options);
  if (out !== undefined) {
    refuseOtherTarget(out, paths, listed.flatMap(({ files }) => files));
    ensureWritable(out);
  }
  const series: RepairedSeries[] = [];
  const notes: string[] = [];
  for (const files of listed) {
    await turnOfEventLoop();
    signal?.throwIfAborted();
    series.push(await repairOne(files, options, notes));
    onProgress?.({ label: 'repair', done: series.length, total: listed.length, unit: 'series' });
  }
  return { series, ignored, notes };
}

async function repairOne(listed: SeriesFiles, options: RepairDataOptions, notes: string[]): Promise<RepairedSeries> {
  const { symbol, name, files } = listed;
  const { out, shiftMs = 0, fillGapMinutes = 0 } = options;
  const apply = REPAIR_ORDER.filter((kind) => (options.apply ?? CERTAIN_KINDS).includes(kind));
  const id = { exchange: listed.exchange ?? UNNAMED_EXCHANGE, symbol };
  const { raw, sources, earlier, covered } = readRepairSources(listed, notes);
  const { candles, repairs, undecided, remaining } = repairSeries(raw, { apply, shiftMs, fillGapMinutes });
  const record: RepairRecord = {
    format: 1,
    ...id,
    timeframe: '1m',
    crpbotVersion: projectVersion(),
    sources,
    options: { apply, shiftMs, fillGapMinutes },
    rowsBefore: raw.time.length,
    rowsAfter: candles?.time.length ?? 0,
    earlier,
    repairs,
    remaining: remaining.map(({ kind, from, to, rows, values }) => ({ kind, from, to, rows, values })),
  };
  const planned: RepairedSeries = { name, ...id, record, summary: summarizeRepairs(record), undecided };
  if (out === undefined) return planned;
  if (candles === undefined) throw undecidedError(name, files[0], undecided);
  if (candles.time.length === 0) {
    throw new InputError(`nothing of ${name} is left after the repair`, { code: 'repair-leaves-nothing', place: { file: files[0] }, hint: 'see without --out what it finds, and name fewer kinds with --apply' });
  }
  await writeRepaired(out, record, candles, shiftMs === 0 ? covered : []);
  return { ...planned, folder: seriesFolder(out, id) };
}

/** The record first: what a killed repair leaves says what it is, and is gone on with. */
async function writeRepaired(out: string, record: RepairRecord, candles: Candles, covered: readonly TimeRange[]): Promise<void> {
  const text = repairRecordText(record);
  refuseOtherRepair(out, record, text);
  writeTextAtomically(join(seriesFolder(out, record), REPAIRS_NAME), text);
  const writer = openSeriesForWriting(out, record);
  try {
    for (const range of rangesOf(candles, covered)) {
      await writer.append(copyRows(candles, rowAtOrAfter(candles.time, range.from), rowAtOrAfter(candles.time, range.to)), range);
    }
  } finally {
    writer.close();
  }
}

/** What the exchange answered, where that is known and holds all candles; else from the first candle to the last. A dropped minute is covered: it is not fetched again. */
function rangesOf({ time }: Candles, covered: readonly TimeRange[]): readonly TimeRange[] {
  const whole = { from: time[0], to: time[time.length - 1] + MINUTE_MS };
  const answered = covered.map(({ from, to }) => ({ from: Math.max(from, whole.from), to: Math.min(to, whole.to) })).filter(({ from, to }) => from < to);
  const held = answered.reduce((rows, { from, to }) => rows + rowAtOrAfter(time, to) - rowAtOrAfter(time, from), 0);
  return held === time.length ? answered : [whole];
}

function refuseAmbiguous(series: readonly SeriesFiles[], { shiftMs = 0 }: RepairDataOptions): void {
  if (shiftMs !== 0 && series.length > 1) {
    throw new InputError(`a shift was asked for, of ${series.length} series: ${series.map(({ name }) => name).join(', ')}`, { code: 'repair-shift-several', hint: 'give the folder of the one that is late or early' });
  }
  const keys = series.map(({ exchange = UNNAMED_EXCHANGE, symbol }) => `${exchange} ${symbol}`);
  const twice = keys.findIndex((key, index) => keys.indexOf(key) !== index);
  if (twice === -1) return;
  throw new InputError(`two of the series are ${keys[twice]}: ${series.filter((_, index) => keys[index] === keys[twice]).map(({ name }) => name).join(', ')}`, {
    code: 'repair-same-series',
    place: { file: series[twice].files[0] },
    hint: 'repair them one by one, each into its own folder',
  });
}

function undecidedError(name: string, file: string, undecided: readonly Finding[]): InputError {
  const kinds = [...new Set(undecided.map(({ kind }) => kind))];
  const found = kinds.map((kind) => `${FINDING_KINDS[kind].title} (${undecided.filter((finding) => finding.kind === kind).reduce((rows, finding) => rows + finding.rows, 0)} rows)`);
  const clock = kinds.some((kind) => kind === 'off-minute');
  return new InputError(`${name} has what no series may hold, and no repair of it is certain: ${found.join(', ')}`, {
    code: 'repair-undecided',
    place: { file },
    hint: clock ? 'say how far the clock is off with --shift (-30s, 1m), or mend the files' : `--apply certain,${kinds.join(',')} leaves those minutes out`,
  });
}
