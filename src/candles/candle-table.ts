import { InputError } from '../errors.js';
import type { Candles } from './candles.js';
import { CANDLE_COLUMNS, MINUTE_MS } from './candles.js';
import { checkCandles } from './check-candles.js';
import type { PlaceOfRow } from './check-candles.js';

/** Candles as a file holds them: read, not yet put in order nor checked. */
export interface CandleTable {
  readonly file: string;
  readonly candles: Candles;
  readonly placeOf: PlaceOfRow;
}

/** What reading did that the person should know: `BTC-USD.csv: newest first, turned round`. */
export type OnNote = (note: string) => void;

/** Fewer candles than this may all lie apart by chance. */
const enoughForTimeframe = 10;

/**
 * Candles oldest first and checked: a table that is newest first throughout (Coinbase) is turned round, and that is noted.
 * @throws InputError what `checkCandles` throws, and `candle-timeframe` when no two candles are a minute apart.
 */
export function orderedCandles(table: CandleTable, onNote: OnNote): Candles {
  const { file, candles } = table;
  const rows = candles.time.length;
  const reverse = rows > 1 && isDescending(candles.time);
  if (reverse) {
    candles.time.reverse();
    for (const column of CANDLE_COLUMNS) candles[column].reverse();
    onNote(`${file}: newest first, turned round`);
  }
  checkCandles(candles, reverse ? (row) => table.placeOf(rows - 1 - row) : table.placeOf);
  if (rows >= enoughForTimeframe) refuseOtherTimeframes(table);
  return candles;
}

function isDescending(time: Float64Array): boolean {
  for (let row = 1; row < time.length; row++) if (!(time[row] < time[row - 1])) return false;
  return true;
}

function refuseOtherTimeframes({ file, candles: { time } }: CandleTable): void {
  let step = Infinity;
  for (let row = 1; row < time.length && step > MINUTE_MS; row++) step = Math.min(step, time[row] - time[row - 1]);
  if (step === MINUTE_MS) return;
  throw new InputError(`${file} holds no 1-minute candles: its closest two are ${step / MINUTE_MS} minutes apart`, {
    code: 'candle-timeframe',
    place: { file },
    hint: 'give 1-minute candles',
  });
}
