import type { PairedLogLoss } from '../../evaluation/paired-log-loss.js';
import { count, decimal, percent, percentInterval } from '../../number-text.js';
import { breakEvenText } from '../break-even-text.js';
import { judgement, type ComparedModel, type ComparedSymbol, type Comparison } from './comparison.js';

/** A row of text by column. */
export type TextRow = Readonly<Record<string, string>>;

/** How right, how honest, and whether the difference from the reference may be chance: a row a model. */
export function skillRows({ models, reference }: ComparedSymbol): TextRow[] {
  return models.map((model) => {
    const { classification, accuracyInterval, baselines, calibration } = model.evaluation;
    return {
      model: `${model.name}${marks(model)}`,
      accuracy: percent(classification.accuracy),
      '95 %': percentInterval(accuracyInterval),
      baseline: percent(baselines.best),
      Brier: decimal(classification.brier, 4),
      'log loss': decimal(classification.logLoss, 4),
      [`less that of ${reference}`]: differenceText(model.against),
      judged: model.against === undefined ? 'reference' : judgement(model.against),
      'calib. err.': percent(calibration.error),
      'by noise': percent(calibration.noiseFloor),
    };
  });
}

/** What it would earn, and what it takes: a row a model. `costsBps`: those shown, of the comparison's. */
export function costRows({ models }: ComparedSymbol, { costsBps }: Pick<Comparison, 'costsBps'>, shown: readonly number[] = spread(costsBps, 4)): TextRow[] {
  return models.map((model) => ({
    model: model.name,
    trades: count(model.evaluation.trades.both.trades),
    'traded right': percent(model.evaluation.breakEven?.tradedAccuracy),
    'break-even': breakEvenText(model.evaluation),
    ...Object.fromEntries(shown.map((cost) => [`net at ${cost} bps`, percent(model.netReturns[costsBps.indexOf(cost)], 2)])),
    'windows/s': count(model.windowsPerSecond),
    size: sizeText(model.bytes),
  }));
}

/** `tcn v2-50-mine against tcn v2-50: log loss -0.0123 [-0.0190, -0.0055], better`, one line a pair. */
export function gainLines(gains: readonly ({ readonly name: string; readonly base: string } & PairedLogLoss)[]): string[] {
  return gains.map((gain) => `${gain.name} against ${gain.base}: log loss ${differenceText(gain)}, ${judgement(gain)}`);
}

/** `-0.0123 [-0.0190, -0.0055]`, nats. */
export function differenceText(against: PairedLogLoss | undefined): string {
  if (against === undefined) return '-';
  const { difference, interval } = against;
  const text = (value: number): string => decimal(value, 4);
  return interval === undefined ? text(difference) : `${text(difference)} [${text(interval.low)}, ${text(interval.high)}]`;
}

/** `44 KB`, `3.9 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'KB'] : [bytes / 1e6, 'MB'];
  return `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')} ${unit}`;
}

function marks({ leaky, seenInTraining, assumed }: ComparedModel): string {
  const said = [leaky ? 'LEAKY' : [], seenInTraining ? 'SEEN' : [], assumed.length > 0 ? 'ASSUMED' : []].flat();
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}

/** `most` of the values at the most, the first and the last among them. */
function spread(values: readonly number[], most: number): readonly number[] {
  if (values.length <= most) return values;
  return Array.from({ length: most }, (_, index) => values[Math.round((index * (values.length - 1)) / (most - 1))]);
}
