import { csvLine, type CsvValue } from '../csv-line.js';
import { isoTime } from '../../number-text.js';
import { judgement, type ComparedModel, type ComparedSymbol, type Comparison } from './comparison.js';

/** The columns of `compare.csv` before those of the costs, in order. */
const columns: readonly (readonly [name: string, value: (model: ComparedModel, of: ComparedSymbol) => CsvValue])[] = [
  ['symbol', (_, { symbol }) => symbol],
  ['name', ({ name }) => name],
  ['model', ({ model }) => model],
  ['feature_set', ({ featureSet }) => featureSet],
  ['alignment', ({ alignment }) => alignment],
  ['leaky', ({ leaky }) => leaky],
  ['seen_in_training', ({ seenInTraining }) => seenInTraining],
  ['windows', (_, { windows }) => windows],
  ['from', ({ evaluation }) => isoTime(evaluation.from)],
  ['to', ({ evaluation }) => isoTime(evaluation.to)],
  ['accuracy', ({ evaluation }) => evaluation.classification.accuracy],
  ['accuracy_low', ({ evaluation }) => evaluation.accuracyInterval.low],
  ['accuracy_high', ({ evaluation }) => evaluation.accuracyInterval.high],
  ['effective_samples', ({ evaluation }) => evaluation.effectiveSamples],
  ['baseline_accuracy', ({ evaluation }) => evaluation.baselines.best],
  ['auc', ({ evaluation }) => evaluation.classification.auc],
  ['brier', ({ evaluation }) => evaluation.classification.brier],
  ['log_loss', ({ evaluation }) => evaluation.classification.logLoss],
  ['reference', (_, { reference }) => reference],
  ['log_loss_difference', ({ against }) => against?.difference],
  ['difference_low', ({ against }) => against?.interval?.low],
  ['difference_high', ({ against }) => against?.interval?.high],
  ['difference_block_rows', ({ against }) => against?.blockLength],
  ['judgement', ({ against }) => (against === undefined ? 'reference' : judgement(against))],
  ['calibration_error', ({ evaluation }) => evaluation.calibration.error],
  ['calibration_error_by_noise', ({ evaluation }) => evaluation.calibration.noiseFloor],
  ['trades', ({ evaluation }) => evaluation.trades.both.trades],
  ['traded_accuracy', ({ evaluation }) => evaluation.breakEven?.tradedAccuracy],
  ['break_even_accuracy', ({ evaluation }) => evaluation.breakEvenAccuracy],
  ['bytes', ({ bytes }) => bytes],
  ['engine', ({ engine }) => engine],
  ['seconds', ({ seconds }) => seconds],
  ['windows_per_second', ({ windowsPerSecond }) => windowsPerSecond],
];

/** `compare.csv`: a header and one row a model; `net_return_<cost>bps` for each cost. */
export function comparisonCsv({ symbols, costsBps }: Comparison): string {
  const head = [...columns.map(([name]) => name), ...costsBps.map((cost) => `net_return_${cost}bps`)];
  const rows = symbols.flatMap((of) => of.models.map((model) => [...columns.map(([, value]) => value(model, of)), ...model.netReturns]));
  return [head, ...rows].map((values) => `${csvLine(values)}\n`).join('');
}
