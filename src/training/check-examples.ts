import { InputError } from '../errors.js';
import { examplesAnEpoch } from './example-batches.js';
import type { TrainingExamples } from './training-examples.js';
import type { TrainingSettings } from './training-settings.js';

/** Weights of what is scored. */
export interface ClassWeights {
  readonly up: number;
  readonly down: number;
}

/** Sums the weights of the scored rows of all examples; a row that two examples score counts twice. */
export function classWeights(examples: TrainingExamples): ClassWeights {
  const { ends, length, unscored, weight, label } = examples;
  let up = 0;
  let down = 0;
  for (const end of ends) {
    for (let row = end - length + 1 + unscored; row <= end; row++) {
      if (weight[row] === 0) continue;
      if (label[row] === 1) up += weight[row];
      else down += weight[row];
    }
  }
  return { up, down };
}

/** `positiveWeight` that makes both classes count the same in all. */
export function balancedPositiveWeight(examples: TrainingExamples): number {
  const { up, down } = classWeights(examples);
  return down / up;
}

/**
 * Refuses what nothing can be learnt from, before the first step.
 * @throws InputError `fewer-windows-than-batch`, `one-class`, `no-validation`, `feature-count-differs`, `window-outside-rows`,
 * `scores-warm-up-rows` where an example scores one of its `warmUpRows` first rows.
 */
export function checkExamples(examples: TrainingExamples, validation: TrainingExamples, { batchSize, stride }: Pick<TrainingSettings, 'batchSize' | 'stride'>, warmUpRows = 0): void {
  const windows = examples.ends.length;
  const epoch = examplesAnEpoch(windows, stride);
  if (epoch < batchSize) {
    throw new InputError(`${epoch} training windows${stride === 1 ? '' : ` an epoch (of ${windows}, one in ${stride})`} are fewer than one batch of ${batchSize}`, {
      code: 'fewer-windows-than-batch',
      hint: windows === 0 ? 'give more candles: a window needs its own rows and its horizon' : `give more candles${epoch === 0 ? '' : `, or a batch of at most ${epoch} (--batch ${epoch})`}${stride === 1 ? '' : ', or let an epoch take all of them (--stride 1)'}`,
    });
  }
  for (const [part, { ends, length, unscored, rowCount }] of [['training', examples], ['validation', validation]] as const) {
    if (unscored < warmUpRows) {
      throw new InputError(`${part} sequences of ${length} rows are scored from row ${unscored} on, and this model predicts from row ${warmUpRows} on`, {
        code: 'scores-warm-up-rows',
        hint: `leave at least ${warmUpRows} rows of each sequence unscored: its receptive field less one`,
      });
    }
    const outside = ends.find((end) => end < length - 1 || end >= rowCount);
    if (outside === undefined) continue;
    throw new InputError(`a ${part} window of ${length} rows ends at row ${outside} of ${rowCount}`, { code: 'window-outside-rows', place: { row: outside }, hint: 'cut the windows from the matrix they are trained on' });
  }
  if (validation.featureCount !== examples.featureCount) {
    throw new InputError(`training rows have ${examples.featureCount} features and validation rows ${validation.featureCount}`, { code: 'feature-count-differs', hint: 'compute both with one feature set' });
  }
  const { up, down } = classWeights(examples);
  if (up === 0 || down === 0) {
    const only = up === down ? 'no label' : up === 0 ? 'down only' : 'up only';
    throw new InputError(`the ${windows} training windows have ${only}: there is nothing to tell apart`, { code: 'one-class', hint: 'check the candles for a price that does not move, or give a longer span' });
  }
  const scored = classWeights(validation);
  if (scored.up + scored.down === 0) {
    throw new InputError('no validation window has a label: neither the best epoch nor the end could be chosen', { code: 'no-validation', hint: 'give more candles, or a smaller embargo' });
  }
}
