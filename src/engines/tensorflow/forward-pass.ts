import type { Tensor, Tensor3D } from '@tensorflow/tfjs';

/** Parameters by PyTorch's names, in PyTorch's shapes. */
export type ParameterTensors = ReadonlyMap<string, Tensor>;

/** What is random in a training step. */
export interface Dropout {
  /** Share of units set to zero, [0, 1). */
  readonly rate: number;
  /** Differs each step; the same seed draws the same masks. */
  readonly seed: number;
}

/**
 * A model's arithmetic on a tensor library: a pure, differentiable function of its parameters.
 */
export interface ForwardPass {
  /** How it wants a batch of windows: `[batch, rows, features]` or `[rows, batch, features]`. */
  readonly inputLayout: 'batch-first' | 'time-first';
  /** `one`: a logit a window, `[batch]`. `many`: a logit a row, `[batch, rows]`, each of what lies at or before it. */
  readonly outputs: 'one' | 'many';
  /** Leading rows of a sequence whose logits mean nothing, since their past is not all there: they must not be scored. Without it none. */
  readonly warmUpRows?: number;
  /** Logits of P(up). `dropout` is given in training only. */
  logits(parameters: ParameterTensors, input: Tensor3D, dropout?: Dropout): Tensor;
}
