import type { Tensor1D } from '@tensorflow/tfjs';
import type { Dropout, ForwardPass } from '../engines/tensorflow/forward-pass.js';
import type { Tfjs } from '../engines/tensorflow/tensorflow.js';
import type { Architecture } from '../models/architecture.js';
import type { AdamWState } from './adamw.js';
import type { BatchComputer } from './batch-computer.js';
import type { ExampleSource } from './example-batches.js';
import type { ParameterLayout } from './flat-parameters.js';
import { startPartThread, type ComputedPart, type PartRequest, type Splits } from './part-thread.js';
import type { TrainingExamples } from './training-examples.js';
import { batchGradient, optimiserStep, weightOf, type BatchGradient, type GradientSettings } from './training-step.js';
import { batchLogits } from './validate.js';

export interface ParallelModel {
  readonly tf: Tfjs;
  readonly forward: ForwardPass;
  /** From which a thread makes the same forward pass. */
  readonly architecture: Architecture;
  readonly layout: ParameterLayout;
}

/** Fewer examples are not worth a thread: a third of a TCN's step of 8 sequences is work that a step of any size has. */
const LEAST_PART = 8;

/** Into how many parts batches are best divided on so many threads. */
export function partsFor(batchSize: number, threads: number): number {
  return Math.max(1, Math.min(threads, Math.floor(batchSize / LEAST_PART)));
}

/**
 * Each batch in parts that are computed side by side: one model's kernels are too small to gain from threads of TensorFlow's own.
 * The first part is computed by the thread that asks, every other by a thread with a TensorFlow context of its own, on a CPU.
 * Gradients are added in the order of the parts: as many parts give the same weights again.
 * @throws what loading TensorFlow there throws, TemporaryError `training-thread-ended`
 */
export async function openParallelBatches({ tf, forward, architecture, layout }: ParallelModel, sources: Splits<ExampleSource>, examples: Splits<TrainingExamples>, parts: number): Promise<BatchComputer> {
  const shared = { training: withSharedRows(examples.training), validation: withSharedRows(examples.validation) };
  const weights = sharedVector(layout.size);
  const threads = Array.from({ length: parts - 1 }, () => startPartThread({ architecture, layout, examples: shared, weights, gradient: sharedVector(layout.size) }));
  const close = async (): Promise<void> => {
    await Promise.all(threads.map((thread) => thread.close()));
  };
  // Every thread answers before any is ended: one that is ended while TensorFlow loads might take the whole process with it.
  await allSettled(threads.map((thread) => thread.ready())).catch(async (error: unknown) => {
    await close();
    throw error;
  });

  /** What the threads make of their parts while `own` is computed here. All have ended, well or not, when this does. */
  async function sideBySide<Own>(current: Tensor1D, requests: readonly PartRequest[], own: () => Own): Promise<readonly [Own, readonly (ComputedPart & { readonly gradient: Float32Array })[]]> {
    weights.set(current.dataSync());
    const others = allSettled(requests.flatMap((request, index) => {
      const { compute, gradient } = threads[index];
      return request.batch.length === 0 ? [] : [compute(request).then((part) => ({ ...part, gradient }))];
    }));
    others.catch(() => undefined);
    let mine: Own;
    try {
      mine = own();
    } catch (error) {
      await others.catch(() => undefined);
      throw error;
    }
    return [mine, await others];
  }

  function gradientOf(part: Int32Array, current: Tensor1D, settings: GradientSettings, batchWeight: number): BatchGradient {
    const input = sources.training.input(part);
    try {
      return batchGradient(tf, forward, layout, current, { input, targets: sources.training.targets(part) }, settings, batchWeight);
    } finally {
      input.dispose();
    }
  }

  return {
    async step(state: AdamWState, batch, targets, settings) {
      const { positiveWeight, dropout, lossScale } = settings;
      const batchWeight = weightOf(targets);
      const [first, ...rest] = divided(batch, parts);
      const requests = rest.map((part, index): PartRequest => ({ kind: 'gradient', batch: part, batchWeight, settings: { positiveWeight, lossScale, dropout: dropoutOf(dropout, index + 1) } }));
      let mine: BatchGradient | undefined;
      try {
        const [own, others] = await sideBySide(state.weights, requests, () => (mine = gradientOf(first, state.weights, settings, batchWeight)));
        const sum = tf.tidy(() => others.reduce((total, other) => total.add(tf.tensor1d(Float32Array.from(other.gradient))), own.gradient.clone()));
        try {
          const { state: next, loss, norm } = optimiserStep(tf, state, sum, settings, own.loss);
          return { state: next, norm, loss: others.reduce((total, other) => total + other.loss, loss), logits: joined([own.logits.dataSync<'float32'>(), ...others.map((other) => other.logits)]) };
        } finally {
          sum.dispose();
        }
      } finally {
        if (mine !== undefined) tf.dispose([mine.loss, mine.gradient, mine.logits]);
      }
    },
    async logits(current, batch) {
      const [first, ...rest] = divided(batch, parts);
      const [mine, others] = await sideBySide(current, rest.map((part) => ({ kind: 'logits', batch: part })), () => batchLogits(tf, { forward, layout, weights: current }, sources.validation, first));
      return joined([mine, ...others.map((other) => other.logits)]);
    },
    close,
  };
}

/** Waits for all, then throws the first that failed. */
async function allSettled<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** Each in a buffer of its own, since a message carries whole buffers; the last are empty where there are fewer examples than parts. */
function divided(batch: Int32Array, parts: number): Int32Array[] {
  const each = Math.ceil(batch.length / parts);
  return Array.from({ length: parts }, (_, part) => batch.slice(part * each, (part + 1) * each));
}

/** Every part draws masks of its own. */
function dropoutOf(dropout: Dropout | undefined, part: number): Dropout | undefined {
  return dropout && { rate: dropout.rate, seed: ((dropout.seed ^ Math.imul(part, 0x9e3779b1)) & 0x7fffffff) | 1 };
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function sharedVector(size: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(size * 4));
}

function withSharedRows(examples: TrainingExamples): TrainingExamples {
  if (examples.rows.buffer instanceof SharedArrayBuffer) return examples;
  const rows = sharedVector(examples.rows.length);
  rows.set(examples.rows);
  return { ...examples, rows };
}
