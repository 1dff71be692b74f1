import { InputError } from '../../errors.js';
import type { Candles } from '../candles.js';
import { CANDLE_COLUMNS, MINUTE_MS } from '../candles.js';
import type { TimeRange } from '../time-range.js';

/** One file's candles, in order and checked. */
export interface ImportedFile {
  readonly file: string;
  readonly candles: Candles;
}

/** Candles of files that overlap, as one; what is between two stretches no file speaks of. */
export interface Stretch {
  readonly candles: Candles;
  readonly answered: TimeRange;
}

interface Joined extends Stretch {
  /** By row, the position of the file it was first found in. */
  readonly source: Int32Array;
}

/**
 * Puts one symbol's files together, in time order. Where several hold a minute they must agree to the last digit; a
 * minute that only one of them has is kept, and `onNote` is told.
 * @throws InputError `import-disagreement` with the minute, both files and both values
 */
export function joinFiles(files: readonly ImportedFile[], onNote: (note: string) => void): readonly Stretch[] {
  const first = ({ candles }: ImportedFile): number => candles.time[0];
  const ordered = [...files].sort((a, b) => first(a) - first(b));
  const stretches: Joined[] = [];
  ordered.forEach((file, position) => {
    const last = stretches.at(-1);
    if (last === undefined || first(file) >= last.answered.to) stretches.push(stretchOf(file, position));
    else stretches[stretches.length - 1] = merged(last, file, position, ordered, onNote);
  });
  return stretches;
}

function stretchOf({ candles }: ImportedFile, position: number): Joined {
  const { time } = candles;
  return { candles, answered: { from: time[0], to: time[time.length - 1] + MINUTE_MS }, source: new Int32Array(time.length).fill(position) };
}

function merged(before: Joined, added: ImportedFile, position: number, files: readonly ImportedFile[], onNote: (note: string) => void): Joined {
  const after = stretchOf(added, position);
  const [a, b] = [before.candles, after.candles];
  const most = a.time.length + b.time.length;
  const column = (): Float64Array => new Float64Array(most);
  const joined = { time: column(), open: column(), high: column(), low: column(), close: column(), volume: column() };
  const source = new Int32Array(most);
  let [i, j, row, onlyBefore, onlyAfter] = [0, 0, 0, 0, 0];
  const bothFrom = after.answered.from;
  const bothTo = Math.min(before.answered.to, after.answered.to);
  for (; i < a.time.length || j < b.time.length; row++) {
    const [left, right] = [i < a.time.length ? a.time[i] : Infinity, j < b.time.length ? b.time[j] : Infinity];
    const [from, at] = left <= right ? [a, i] : [b, j];
    joined.time[row] = from.time[at];
    for (const name of CANDLE_COLUMNS) joined[name][row] = from[name][at];
    source[row] = left <= right ? before.source[i] : position;
    if (left === right) refuseDisagreement(a, i, files[before.source[i]].file, b, j, added.file);
    else if (left < right && left >= bothFrom && left < bothTo) onlyBefore++;
    else if (right < left && right < bothTo) onlyAfter++;
    if (left <= right) i++;
    if (right <= left) j++;
  }
  if (onlyBefore > 0) onNote(`${added.file} lacks ${onlyBefore} minutes that other files of ${a.symbol} hold`);
  if (onlyAfter > 0) onNote(`${added.file} holds ${onlyAfter} minutes that other files of ${a.symbol} lack`);
  const cut = (values: Float64Array): Float64Array => values.slice(0, row);
  return {
    candles: { symbol: a.symbol, time: cut(joined.time), open: cut(joined.open), high: cut(joined.high), low: cut(joined.low), close: cut(joined.close), volume: cut(joined.volume) },
    answered: { from: before.answered.from, to: Math.max(before.answered.to, after.answered.to) },
    source: source.slice(0, row),
  };
}

function refuseDisagreement(a: Candles, i: number, fileA: string, b: Candles, j: number, fileB: string): void {
  const name = CANDLE_COLUMNS.find((column) => a[column][i] !== b[column][j]);
  if (name === undefined) return;
  throw new InputError(`two files disagree about ${new Date(a.time[i]).toISOString()}: ${name} is ${a[name][i]} in ${fileA} and ${b[name][j]} in ${fileB}`, {
    code: 'import-disagreement',
    place: { file: fileB, column: name },
    hint: 'find out which is right and leave the other out; files of different exchanges go under different names (--exchange)',
  });
}
