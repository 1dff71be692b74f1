import { Command } from 'commander';
import { percent } from '../number-text.js';
import { SIMULATED_SYMBOLS, simulateCandles } from '../workflows/simulate.js';
import { commaSeparated, numberBetween, onePath, wholeNumber } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface Flags {
  readonly symbols?: readonly string[];
  readonly days?: number;
  readonly start?: string;
  readonly signal?: number;
  readonly halfLife?: number;
  readonly gaps?: number;
  readonly seed?: number;
  readonly out: string;
  readonly json?: boolean;
}

/** `crpbot simulate`: candles with a planted signal, whose best accuracy is known. */
export function simulateCommand(finish: (status: number) => void): Command {
  return new Command('simulate')
    .description('Simulate 1-minute candles with a planted signal of known strength, for teaching and tests.')
    .option('--symbols <list>', `separated by commas (default: ${SIMULATED_SYMBOLS.join(',')})`, commaSeparated)
    .option('--days <n>', 'how many days (default: 30)', wholeNumber(1, 36_525))
    .option('--start <date>', 'first minute, UTC (default: 2025-01-06)')
    .option('--signal <accuracy>', 'best accuracy over 15 minutes of one who sees the drift; 0.5 plants nothing (default: 0.78)', numberBetween(0.5, 1))
    .option('--half-life <minutes>', 'how long a drift lasts (default: 60)', numberBetween(1, 1440))
    .option('--gaps <share>', 'share of minutes without a candle (default: 0)', numberBetween(0, 0.5))
    .option('--seed <n>', 'the same seed gives the same files (default: 1)', wholeNumber(0))
    .option('--out <dir>', 'folder of the candle store', onePath, 'data/candles')
    .option('--json', 'print what was simulated as JSON')
    .action(async ({ json, signal, ...options }: Flags) => {
      const session = openSession(json === true);
      try {
        const series = await simulateCandles({ ...options, signalAccuracy: signal, ...session.control });
        for (const { symbol, folder, candles, from, to, bestAccuracy: best } of series) {
          session.print(`${symbol}  ${candles} candles  ${from.slice(0, 10)} to ${to.slice(0, 10)}  best accuracy ${percent(best.seeingTheDrift)} seeing the drift, ${percent(best.fromCandles)} from candles alone  ${folder}`);
        }
        if (json === true) session.printJson(series);
        finish(EXIT.ok);
      } finally {
        session.close();
      }
    });
}
