import { existsSync, statSync } from 'node:fs';
import { ensureWritable, writeTogether } from '../../atomic-file.js';
import { InputError } from '../../errors.js';
import { removeAbandoned } from '../../temporary-file.js';
import { hashFile } from '../../tables/hash-file.js';
import type { Candles } from '../candles.js';
import { MINUTE_MS } from '../candles.js';
import { checkCandles } from '../check-candles.js';
import { mergeRanges, missingRanges } from '../time-range.js';
import type { TimeRange } from '../time-range.js';
import { encodePart, mergeCandles, readPart, recordOf, splitByMonth } from './month-part.js';
import { manifestFile, monthRange, monthsInFolder, partFile, seriesFolder } from './series-layout.js';
import { takeSeriesLock } from './series-lock.js';
import type { SeriesLock } from './series-lock.js';
import { emptyManifest, manifestText, readManifest } from './series-manifest.js';
import type { MonthRecord, SeriesId, SeriesManifest } from './series.js';

export interface SeriesWriter {
  /** As last written. */
  readonly manifest: SeriesManifest;
  /** What of `range` was never answered, in order. */
  missing(range: TimeRange): readonly TimeRange[];
  /**
   * Stores candles, none outside `answered`, and records `answered` as covered. A month is written only when it changes.
   * @throws InputError what `checkCandles` does; `store-wrong-symbol`, `store-outside-answered`, `store-conflict` (then
   * nothing is stored), `cannot-write` (the months before are stored); TemporaryError `store-busy` when the lock was lost.
   */
  append(candles: Candles, answered: TimeRange): Promise<void>;
  /** Gives back the lock. */
  close(): void;
}

/**
 * Opens a series to add to it; its folder is made where there is none. What a killed writer left is mended: the part it
 * was about to write is taken as written or not; a part that is missing counts as never fetched; a part that the
 * manifest does not list is taken over.
 * @throws InputError `store-part-changed` for a part that is not what the manifest says, `store-part-unlisted` for one
 * that cannot be taken over, `store-manifest-unreadable`, `series-name-invalid`, `cannot-write`; TemporaryError
 * `store-busy` while another writer has it open.
 */
export function openSeriesForWriting(root: string, id: SeriesId): SeriesWriter {
  const folder = seriesFolder(root, id);
  ensureWritable(folder);
  const lock = takeSeriesLock(folder);
  try {
    return new OpenSeries(root, id, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

class OpenSeries implements SeriesWriter {
  readonly #root: string;
  readonly #id: SeriesId;
  readonly #lock: SeriesLock;
  #manifest: SeriesManifest;
  /** The month last written, which the next candles most often belong to. */
  #latest: { readonly sha256: string; readonly candles: Candles } | undefined;
  #interrupted = false;
  #open = true;

  constructor(root: string, id: SeriesId, lock: SeriesLock) {
    this.#root = root;
    this.#id = id;
    this.#lock = lock;
    this.#manifest = emptyManifest(id);
    this.#recover();
  }

  get manifest(): SeriesManifest {
    return this.#manifest;
  }

  missing(range: TimeRange): readonly TimeRange[] {
    return missingRanges(range, this.#manifest.covered);
  }

  async append(candles: Candles, answered: TimeRange): Promise<void> {
    // Between two months' writing the downloads beside it, and the lock's sign of life, get their turn.
    await new Promise((done) => setImmediate(done));
    if (!this.#open) throw new Error('the series is closed');
    this.#check(candles, answered);
    this.#lock.check();
    if (this.#interrupted) this.#recover();
    this.#store(candles, [answered]);
  }

  close(): void {
    this.#open = false;
    this.#lock.release();
  }

  #check(candles: Candles, { from, to }: TimeRange): void {
    const { symbol, time } = candles;
    const name = `${this.#id.exchange} ${this.#id.symbol}`;
    if (symbol !== this.#id.symbol) {
      throw new InputError(`candles of ${symbol} were given for ${name}`, { code: 'store-wrong-symbol', hint: 'open the series of that symbol' });
    }
    if (from % MINUTE_MS !== 0 || to % MINUTE_MS !== 0 || !(from <= to)) throw new RangeError(`${from} to ${to} is no range of whole minutes`);
    if (time.length === 0) return;
    checkCandles(candles);
    const outside = [time[0], time[time.length - 1]].find((ms) => ms < from || ms >= to);
    if (outside === undefined) return;
    throw new InputError(`the candle of ${new Date(outside).toISOString()} is outside the answered ${new Date(from).toISOString()} to ${new Date(to).toISOString()} of ${name}`, {
      code: 'store-outside-answered',
      hint: 'the exchange answered with other minutes than it was asked for: leave them out or answer for them',
    });
  }

  /** Months are merged before the first is written: a conflict in one leaves all as they were. */
  #store(candles: Candles, answered: readonly TimeRange[]): void {
    const changed: [month: string, candles: Candles][] = [];
    for (const [month, added] of splitByMonth(withoutNegativeZero(candles))) {
      const stored = this.#stored(month);
      const merged = stored === undefined ? added : mergeCandles(stored, added, this.#part(month));
      if (merged !== stored) changed.push([month, merged]);
    }
    this.#interrupted = true;
    let { months, covered } = this.#manifest;
    for (const [month, merged] of changed) {
      const { bytes, record } = encodePart(merged);
      // Also records the month before: one write for both.
      this.#save({ ...this.#manifest, months, covered, writing: { month, sha256: record.sha256 } });
      writeTogether([{ path: this.#part(month), content: bytes }]);
      months = { ...months, [month]: record };
      covered = mergeRanges([...covered, ...answered.flatMap((range) => within(range, monthRange(month)))]);
      this.#latest = { sha256: record.sha256, candles: merged };
    }
    this.#save({ ...emptyManifest(this.#id), months, covered: mergeRanges([...covered, ...answered]) });
    this.#interrupted = false;
  }

  #stored(month: string): Candles | undefined {
    const record = this.#manifest.months[month] as MonthRecord | undefined;
    if (record === undefined) return undefined;
    if (this.#latest?.sha256 === record.sha256) return this.#latest.candles;
    return readPart(this.#part(month), this.#id.symbol, month);
  }

  #recover(): void {
    const folder = seriesFolder(this.#root, this.#id);
    removeAbandoned(folder);
    this.#manifest = readManifest(this.#root, this.#id) ?? emptyManifest(this.#id);
    this.#latest = undefined;
    const { writing, ...saved } = this.#manifest;
    const months: Record<string, MonthRecord> = {};
    let covered = saved.covered;
    const unlisted: string[] = [];
    for (const month of new Set([...Object.keys(saved.months), ...monthsInFolder(folder)])) {
      const file = this.#part(month);
      const record = saved.months[month] as MonthRecord | undefined;
      if (!existsSync(file)) {
        covered = covered.flatMap((range) => missingRanges(range, [monthRange(month)]));
        continue;
      }
      const sha256 = hashFile(file);
      if (sha256 === record?.sha256) months[month] = record;
      else if (month === writing?.month && sha256 === writing.sha256) {
        months[month] = recordOf(readPart(file, this.#id.symbol, month), sha256, statSync(file).size);
      } else if (record === undefined) unlisted.push(month);
      else throw partChanged(file, record.sha256, sha256);
    }
    const mended = { ...saved, months, covered };
    if (manifestText(mended) !== manifestText(this.#manifest)) this.#save(mended);
    for (const month of unlisted) this.#takeOver(month);
    this.#interrupted = false;
  }

  /** Only minutes with a candle count as covered: whether the others had trades, nobody recorded. */
  #takeOver(month: string): void {
    const file = this.#part(month);
    let candles: Candles;
    try {
      candles = readPart(file, this.#id.symbol, month);
    } catch (cause) {
      throw new InputError(`${file} is not listed in the manifest and cannot be taken over: ${(cause as Error).message}`, {
        code: 'store-part-unlisted',
        place: { file },
        hint: 'move it out of the folder, or delete it to have the month fetched',
        cause,
      });
    }
    this.#store(candles, runsOf(candles.time));
  }

  #part(month: string): string {
    return partFile(this.#root, this.#id, month);
  }

  #save(manifest: SeriesManifest): void {
    const text = manifestText(manifest);
    const file = manifestFile(this.#root, this.#id);
    if (!existsSync(file) || text !== manifestText(this.#manifest)) writeTogether([{ path: file, content: text }]);
    this.#manifest = manifest;
  }
}

/** The part of a range that lies in another; none or one. */
function within(range: TimeRange, other: TimeRange): readonly TimeRange[] {
  const from = Math.max(range.from, other.from);
  const to = Math.min(range.to, other.to);
  return from < to ? [{ from, to }] : [];
}

function runsOf(time: Float64Array): readonly TimeRange[] {
  const runs: TimeRange[] = [];
  let start = 0;
  for (let row = 1; row <= time.length; row++) {
    if (row < time.length && time[row] === time[row - 1] + MINUTE_MS) continue;
    runs.push({ from: time[start], to: time[row - 1] + MINUTE_MS });
    start = row;
  }
  return runs;
}

/** Equal as numbers, not as bytes. Prices are above zero. */
function withoutNegativeZero(candles: Candles): Candles {
  return { ...candles, volume: candles.volume.map((value) => value + 0) };
}

function partChanged(file: string, expected: string, found: string): InputError {
  return new InputError(`${file} is not what was stored: its SHA-256 is ${found}, the manifest says ${expected}`, {
    code: 'store-part-changed',
    place: { file },
    hint: 'restore it from a copy, or delete it to have the month fetched again',
  });
}
