import type { TrainingExamples } from '../../training/training-examples.js';

/** Open times in ms, both included. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** When a symbol's rows happened. */
export interface ExampleTimes {
  /** Open time of each row of the examples, ms. */
  readonly train: Float64Array;
  readonly validation: Float64Array;
  readonly validationSpan: TimeSpan;
  /** Held-out and test rows: seen by neither training nor validation. */
  readonly judgedSpans: readonly TimeSpan[];
}

export interface TimedExamples {
  readonly train: TrainingExamples;
  readonly validation: TrainingExamples;
  readonly times: ExampleTimes;
}

/**
 * What symbols pooled into one model may learn from. They trade in different minutes, so that 70 % of their rows lie at
 * different times, and coins move together: what one does after its split tells what another does in the same minutes.
 * A row no longer counts where its time up to its outcome touches a later part of another symbol: a training row
 * validation, held-out or test rows, a validation row held-out or test rows. Examples without a row that counts are left out.
 * @param horizon rows from decision to outcome
 */
export function apartInTime<Part extends TimedExamples>(parts: readonly Part[], horizon: number): Part[] {
  return parts.map((part) => {
    const others = parts.filter((other) => other !== part).map(({ times }) => times);
    const judged = others.flatMap(({ judgedSpans }) => judgedSpans);
    return {
      ...part,
      train: withoutSpans(part.train, part.times.train, horizon, [...others.map(({ validationSpan }) => validationSpan), ...judged]),
      validation: withoutSpans(part.validation, part.times.validation, horizon, judged),
    };
  });
}

function withoutSpans(examples: TrainingExamples, time: Float64Array, horizon: number, spans: readonly TimeSpan[]): TrainingExamples {
  if (spans.length === 0) return examples;
  const weight = examples.weight.map((each, row) => (each > 0 && spans.some(({ from, to }) => time[row] <= to && time[row + horizon] >= from) ? 0 : each));
  // Rows that count up to each row: an example is kept where some lie among its scored ones.
  const counted = new Uint32Array(weight.length + 1);
  for (let row = 0; row < weight.length; row++) counted[row + 1] = counted[row] + Number(weight[row] > 0);
  const scored = examples.length - examples.unscored;
  return { ...examples, weight, ends: examples.ends.filter((end) => counted[end + 1] > counted[end + 1 - scored]) };
}
