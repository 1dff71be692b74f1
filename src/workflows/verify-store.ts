import { existsSync } from 'node:fs';
import { seriesBelow, seriesFolder } from '../candles/store/series-layout.js';
import { verifySeries } from '../candles/store/verify.js';
import type { SeriesReport } from '../candles/store/verify.js';
import { readRepairRecord, summarizeRepairs } from '../candles/repair/repair-record.js';
import type { RepairSummary } from '../candles/repair/repair-record.js';
import { InputError } from '../errors.js';

/** A report that also says what a repair did to the series (`crpbot data repair`), where one did. */
export interface StoreReport extends SeriesReport {
  readonly repairs?: RepairSummary;
}

/**
 * Checks every series of a folder: a store's root (`data/candles`), one of its exchanges, symbols or series. What is
 * wrong is in the reports; the rest of a damaged series stays usable.
 * @throws InputError `path-missing`, `store-series-missing` where the folder holds no series.
 */
export async function verifyStore(dir: string): Promise<readonly StoreReport[]> {
  if (!existsSync(dir)) throw new InputError(`there is no ${dir}`, { code: 'path-missing', place: { file: dir }, hint: 'check the name' });
  const { root, series } = seriesBelow(dir);
  if (series.length === 0) {
    throw new InputError(`${dir} holds no collected series`, {
      code: 'store-series-missing',
      place: { file: dir },
      hint: 'give the folder that crpbot collect wrote to, one of its exchanges (coinbase) or of their symbols (coinbase/BTC-USD)',
    });
  }
  const reports: StoreReport[] = [];
  for (const id of series) reports.push(withRepairs(await verifySeries(root, id), seriesFolder(root, id)));
  return reports;
}

function withRepairs(report: SeriesReport, folder: string): StoreReport {
  try {
    const record = readRepairRecord(folder);
    return record === undefined ? report : { ...report, repairs: summarizeRepairs(record) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ...report, defects: [...report.defects, { file: error.place?.file ?? folder, code: error.code, problem: error.message, hint: error.hint ?? '' }] };
  }
}
