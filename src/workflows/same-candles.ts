import { fitColumn } from '../datasets/scaler.js';
import type { FeatureSet } from '../features/feature-set.js';
import type { Manifest } from '../models/checkpoint.js';
import type { SymbolData } from './symbol-data.js';

/** The first columns may be of the clock alone (sessions, days), the same in every market; among so many are some of prices. */
const COLUMNS_TRIED = 12;

/** Relative difference that rounding may make between two ways of reading the same candles. */
const ROUNDING = 1e-6;

/**
 * Why a model's figures may be of another market than it was trained on: where the data hold all of its training span, the
 * scaler in its file must be that of these very rows.
 * @returns a sentence, or undefined where nothing speaks against it or nothing can be said
 */
export function trainedOnOtherCandles({ trainedFrom, trainedTo, scaler }: Manifest, data: SymbolData, set: FeatureSet): string | undefined {
  const { time } = data.candles;
  if (trainedFrom === undefined || trainedTo === undefined || scaler === undefined) return undefined;
  const from = time.indexOf(trainedFrom);
  const to = time.indexOf(trainedTo);
  if (from < 0 || to <= from) return undefined;
  let index = 0;
  for (const [name, column] of data.columns(set)) {
    const there = { mean: scaler.mean[index], std: scaler.std[index] };
    const here = fitColumn(name, column, { from, to: to + 1 });
    if (Math.abs(here.mean - there.mean) > ROUNDING * (Math.abs(there.mean) + there.std)) {
      return `it was trained on other candles of the same time than these: ${name} had a mean of ${there.mean.toPrecision(6)} there, and has ${here.mean.toPrecision(6)} here`;
    }
    index++;
    if (index === COLUMNS_TRIED) break;
  }
  return undefined;
}
