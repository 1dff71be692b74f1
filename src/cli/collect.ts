import { Command, InvalidArgumentError } from 'commander';
import { InputError } from '../errors.js';
import { collect, type CollectedSeries } from '../workflows/collect.js';
import { importCandleFiles } from '../workflows/import-candles.js';
import { onePath, paths } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession, type Session } from './session.js';

interface Flags {
  readonly symbols?: readonly string[];
  readonly fromFiles?: readonly string[];
  readonly exchange?: string;
  readonly since: string;
  readonly until: string;
  readonly out: string;
  readonly watch?: boolean;
  readonly exchangeUrl?: string;
  readonly json?: boolean;
}

const DEFAULT_SYMBOLS: readonly string[] = ['BTC-USD', 'ETH-USD', 'SOL-USD'];

/** `crpbot collect`: 1-minute candles from an exchange into the store, only what is missing. */
export function collectCommand(finish: (status: number) => void): Command {
  return new Command('collect')
    .description('Collect 1-minute candles from an exchange; run again, it fetches only what is missing.')
    .option('--symbols <list>', 'symbols, separated by commas (default: BTC/USD,ETH/USD,SOL/USD)', symbolList)
    .option('--exchange <name>', 'any exchange that ccxt knows and that serves 1-minute history (default: coinbase)')
    .option('--since <time>', 'an age (2y, 90d, 12h), a day (2024-01-01) or an ISO time', '2y')
    .option('--until <time>', 'as --since, or now', 'now')
    .option('--out <dir>', 'folder of the store', onePath, 'data/candles')
    .option('--watch', 'go on each minute until interrupted')
    .option('--from-files <paths...>', 'import exports instead: CSV, Parquet, Feather, Binance zip files, or folders of them', paths)
    .option('--exchange-url <url>', 'another base address for the exchange: a proxy, a test server')
    .option('--json', 'print what was collected as JSON')
    .action(async ({ json, fromFiles, ...options }: Flags) => {
      const session = openSession(json === true);
      try {
        if (fromFiles !== undefined) {
          await importFiles(fromFiles, options, session, json === true);
          finish(EXIT.ok);
          return;
        }
        const printSeries = ({ exchange, symbol, candles, totalCandles, first, last }: CollectedSeries): void => {
          session.print(`${exchange} ${symbol}  ${candles} candles fetched, ${totalCandles} stored${first === undefined ? '' : `  ${first} to ${last}`}`);
        };
        const onPartial = (series: readonly CollectedSeries[]): void => series.forEach(printSeries);
        const onNote = (note: string): void => session.note(`note: ${note}`);
        const collected = await collect({ ...options, symbols: options.symbols ?? DEFAULT_SYMBOLS, ...session.control, now: Date.now, onNote, onPartial });
        collected.series.forEach(printSeries);
        if (json === true) session.printJson(collected);
        if (collected.stopped) session.note('stopped; what was fetched is stored, the same command goes on from there');
        finish(collected.stopped && options.watch !== true ? EXIT.other : EXIT.ok);
      } finally {
        session.close();
      }
    });
}

async function importFiles(files: readonly string[], { symbols, exchange, out }: Flags, session: Session, json: boolean): Promise<void> {
  if (symbols !== undefined && symbols.length > 1) {
    throw new InputError(`--from-files with ${symbols.length} symbols: ${symbols.join(', ')}`, {
      code: 'usage',
      hint: 'the symbols are those of the files’ names; --symbols with one of them takes that alone, or names files that do not say it',
    });
  }
  const { series, ignored } = await importCandleFiles({ paths: files, exchange, out, symbol: symbols?.[0], ...session.control, onNote: (note) => session.note(`note: ${note}`) });
  for (const { file, reason } of ignored) session.note(`ignored ${file}: ${reason}`);
  for (const { exchange: origin, symbol, candles, files: read, folder } of series) session.print(`${origin} ${symbol}  ${candles} candles of ${read.length} file${read.length === 1 ? '' : 's'}  ${folder}`);
  if (json) session.printJson(series);
}

function symbolList(text: string): readonly string[] {
  const symbols = text.split(',').map((symbol) => symbol.trim()).filter((symbol) => symbol !== '');
  if (symbols.length === 0) throw new InvalidArgumentError('Name at least one symbol, like BTC/USD.');
  return symbols;
}
