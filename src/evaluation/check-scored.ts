import { InputError } from '../errors.js';
import type { ScoredWindows } from './scored-windows.js';

const COLUMNS = ['probability', 'label', 'time', 'entry', 'exit', 'previous'] as const;

/**
 * Meets bad input once, so that what follows need not.
 * @throws InputError `no-windows`, `length-mismatch`, `bad-horizon`, or `bad-scored-window` with its row and column: a
 * probability outside 0 to 1, a label that is not 0 or 1, times that do not rise, a price that is not above 0.
 */
export function checkScored(scored: ScoredWindows): void {
  const { symbol, horizon, probability, label, time, entry, exit, previous } = scored;
  const windows = probability.length;
  if (windows === 0) {
    throw new InputError(`there is no window of ${symbol} to evaluate`, {
      code: 'no-windows',
      hint: 'give more candles, or use --split all',
    });
  }
  for (const column of COLUMNS) {
    if (scored[column].length !== windows) {
      throw new InputError(`${column} of ${symbol} has ${scored[column].length} values for ${windows} windows`, {
        code: 'length-mismatch',
        place: { column },
        hint: 'give one value a window',
      });
    }
  }
  if (!Number.isInteger(horizon) || horizon < 1) {
    throw new InputError(`the horizon is ${horizon} rows`, { code: 'bad-horizon', hint: 'give a whole number from 1 on' });
  }
  const reject = (row: number, column: string, problem: string): never => {
    throw new InputError(`${symbol}: ${problem}`, { code: 'bad-scored-window', place: { row, column }, hint: 'check what scored these windows' });
  };
  for (let row = 0; row < windows; row += 1) {
    if (!(probability[row] >= 0 && probability[row] <= 1)) reject(row, 'probability', `a probability is ${probability[row]}`);
    if (label[row] > 1) reject(row, 'label', `a label is ${label[row]}`);
    if (!Number.isFinite(time[row]) || (row > 0 && time[row] <= time[row - 1])) reject(row, 'time', `time ${time[row]} does not follow ${time[row - 1]}`);
    if (!isPrice(entry[row])) reject(row, 'entry', `a price is ${entry[row]}`);
    if (!isPrice(exit[row])) reject(row, 'exit', `a price is ${exit[row]}`);
    if (!Number.isNaN(previous[row]) && !isPrice(previous[row])) reject(row, 'previous', `a price is ${previous[row]}`);
  }
}

function isPrice(value: number): boolean {
  return value > 0 && value < Infinity;
}
