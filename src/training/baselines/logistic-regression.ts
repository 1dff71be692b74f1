import { solvePositiveDefinite } from '../../evaluation/solve-positive-definite.js';
import type { TrainingExamples } from '../training-examples.js';

/** P(up) = 1 / (1 + exp(-(weights · row + bias))). */
export interface LogisticRegression {
  /** `[features]` */
  readonly weights: Float64Array;
  readonly bias: number;
  /** Newton steps that were taken. */
  readonly steps: number;
}

export interface LogisticOptions {
  /** L2 penalty of the weights, not of the bias, on the SUM of the log losses: scikit-learn's 1 / C. */
  readonly ridge: number;
  /** Called after each step; may throw to stop. */
  readonly onStep?: (step: number) => void;
}

const MOST_STEPS = 50;
/** Of the mean log loss: a longest gradient below this is rest. */
const REST = 1e-10;

/**
 * Logistic regression on the newest row of each example, by Newton's method (iteratively reweighted least squares) with
 * steps halved until the loss falls; the loss is convex, so that there is one answer.
 */
export function fitLogistic({ rows, featureCount, ends, label }: Pick<TrainingExamples, 'rows' | 'featureCount' | 'ends' | 'label'>, { ridge, onStep }: LogisticOptions): LogisticRegression {
  const size = featureCount + 1;
  const logitOf = (end: number, parameters: Float64Array): number => {
    let logit = parameters[featureCount];
    for (let feature = 0, at = end * featureCount; feature < featureCount; feature++) logit += parameters[feature] * rows[at + feature];
    return logit;
  };
  const lossOf = (parameters: Float64Array): number => {
    let loss = 0;
    for (const end of ends) {
      const logit = logitOf(end, parameters);
      loss += Math.max(logit, 0) - label[end] * logit + Math.log1p(Math.exp(-Math.abs(logit)));
    }
    for (let feature = 0; feature < featureCount; feature++) loss += 0.5 * ridge * parameters[feature] ** 2;
    return loss;
  };

  let parameters: Float64Array = new Float64Array(size);
  let loss = lossOf(parameters);
  let steps = 0;
  while (steps < MOST_STEPS) {
    const gradient = new Float64Array(size);
    const hessian = new Float64Array(size * size);
    for (const end of ends) {
      const p = 1 / (1 + Math.exp(-logitOf(end, parameters)));
      addExample(rows, end * featureCount, featureCount, p - label[end], p * (1 - p), gradient, hessian);
    }
    for (let feature = 0; feature < size; feature++) {
      if (feature < featureCount) gradient[feature] += ridge * parameters[feature];
      // Columns that are constant or copies would leave the matrix singular where the ridge is 0.
      hessian[feature * size + feature] += (feature < featureCount ? ridge : 0) + 1e-9 * ends.length;
    }
    if (Math.max(...gradient.map(Math.abs)) < REST * ends.length) break;
    const step = solvePositiveDefinite(hessian, gradient);
    if (step === undefined) break;
    const next = lowerPoint(parameters, step, loss, lossOf);
    if (next === undefined) break;
    ({ parameters, loss } = next);
    onStep?.(++steps);
  }
  return { weights: parameters.slice(0, featureCount), bias: parameters[featureCount], steps };
}

/** Adds one example's share of the gradient and of the lower triangle of the Hessian. */
function addExample(rows: Float32Array, at: number, featureCount: number, error: number, curvature: number, gradient: Float64Array, hessian: Float64Array): void {
  const size = featureCount + 1;
  for (let row = 0; row < featureCount; row++) {
    const value = rows[at + row];
    gradient[row] += error * value;
    const weighted = curvature * value;
    for (let column = 0; column <= row; column++) hessian[row * size + column] += weighted * rows[at + column];
  }
  gradient[featureCount] += error;
  for (let column = 0; column < featureCount; column++) hessian[featureCount * size + column] += curvature * rows[at + column];
  hessian[size * size - 1] += curvature;
}

function lowerPoint(from: Float64Array, step: Float64Array, loss: number, lossOf: (parameters: Float64Array) => number): { readonly parameters: Float64Array; readonly loss: number } | undefined {
  for (let share = 1; share > 1e-6; share /= 2) {
    const parameters = from.map((value, index) => value - share * step[index]);
    const lower = lossOf(parameters);
    if (lower < loss) return { parameters, loss: lower };
  }
  return undefined;
}
