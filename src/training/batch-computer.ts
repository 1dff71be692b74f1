import type { Tensor1D } from '@tensorflow/tfjs';
import type { ForwardPass } from '../engines/tensorflow/forward-pass.js';
import type { Tfjs } from '../engines/tensorflow/tensorflow.js';
import type { AdamWState } from './adamw.js';
import type { BatchTargets, ExampleSource } from './example-batches.js';
import type { ParameterLayout } from './flat-parameters.js';
import type { Splits } from './part-thread.js';
import { trainingStep, type StepResult, type StepSettings } from './training-step.js';
import { batchLogits } from './validate.js';

/** What a training computes on batches; a batch is of indices into `examples.ends`. */
export interface BatchComputer {
  /** As {@link trainingStep}, on training examples. */
  readonly step: (state: AdamWState, batch: Int32Array, targets: BatchTargets, settings: StepSettings) => Promise<StepResult>;
  /** Of validation examples, without dropout. */
  readonly logits: (weights: Tensor1D, batch: Int32Array) => Promise<ArrayLike<number>>;
  readonly close: () => Promise<void>;
}

/** Every batch in one piece, in this thread. */
export function wholeBatches({ tf, forward, layout }: { readonly tf: Tfjs; readonly forward: ForwardPass; readonly layout: ParameterLayout }, sources: Splits<ExampleSource>): BatchComputer {
  return {
    step: promised((state, batch, targets, settings) => {
      const input = sources.training.input(batch);
      try {
        return trainingStep(tf, forward, layout, state, { input, targets }, settings);
      } finally {
        input.dispose();
      }
    }),
    logits: promised((weights, batch) => batchLogits(tf, { forward, weights, layout }, sources.validation, batch)),
    close: promised(() => undefined),
  };
}

/** What it throws becomes a rejection. */
function promised<Given extends unknown[], Made>(compute: (...given: Given) => Made): (...given: Given) => Promise<Made> {
  return (...given) => new Promise((resolve) => resolve(compute(...given)));
}
