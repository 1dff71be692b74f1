import { existsSync } from 'node:fs';
import { seriesBelow } from '../candles/store/series-layout.js';
import { verifySeries } from '../candles/store/verify.js';
import type { SeriesReport } from '../candles/store/verify.js';
import { InputError } from '../errors.js';

/**
 * Checks every series of a folder: a store's root (`data/candles`), one of its exchanges, symbols or series. What is
 * wrong is in the reports; the rest of a damaged series stays usable.
 * @throws InputError `path-missing`, `store-series-missing` where the folder holds no series.
 */
export async function verifyStore(dir: string): Promise<readonly SeriesReport[]> {
  if (!existsSync(dir)) throw new InputError(`there is no ${dir}`, { code: 'path-missing', place: { file: dir }, hint: 'check the name' });
  const { root, series } = seriesBelow(dir);
  if (series.length === 0) {
    throw new InputError(`${dir} holds no collected series`, {
      code: 'store-series-missing',
      place: { file: dir },
      hint: 'give the folder that crpbot collect wrote to, one of its exchanges (coinbase) or of their symbols (coinbase/BTC-USD)',
    });
  }
  const reports: SeriesReport[] = [];
  for (const id of series) reports.push(await verifySeries(root, id));
  return reports;
}
