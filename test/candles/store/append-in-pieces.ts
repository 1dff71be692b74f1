import { openSeriesForWriting } from '../../../src/candles/store/series-writer.js';
import { btc, candlesAcrossMonths, candlesWithin, rangeOf } from './some-series.js';

/**
 * A collector in small, run as a process of its own: `ROOT MINUTES` stores what is missing, so many minutes at a time,
 * newest first. It prints `open` when it begins and `done` when nothing is missing.
 */
async function collect(root: string, minutes: number): Promise<void> {
  const candles = candlesAcrossMonths();
  const writer = openSeriesForWriting(root, btc);
  process.stdout.write('open\n');
  for (let [missing] = writer.missing(rangeOf(candles)); missing !== undefined; [missing] = writer.missing(rangeOf(candles))) {
    const answered = { from: Math.max(missing.from, missing.to - minutes * 60_000), to: missing.to };
    await writer.append(candlesWithin(candles, answered), answered);
  }
  writer.close();
  process.stdout.write('done\n');
}

const [root, minutes] = process.argv.slice(2);
void collect(root, Number(minutes));
