import type { Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import type { Windows } from '../../datasets/windows.js';
import { InputError, SetupError } from '../../errors.js';
import type { Checkpoint } from '../../models/checkpoint.js';
import type { Scorer } from '../engine.js';
import { forwardPass } from './forward.js';
import type { ForwardPass } from './forward-pass.js';
import { exhaustion } from './memory-exhausted.js';
import type { TensorFlow } from './tensorflow.js';

export interface TensorFlowEngineOptions {
  /** Windows a run; default {@link DEFAULT_BATCH}. */
  readonly batch?: number | undefined;
}

/** Windows a run. A GPU wants many; that figure was not measured on one. */
const DEFAULT_BATCH = { cpu: 256, gpu: 2048 } as const;

/** Makes a checkpoint ready to score. Rows lie on the device once a call; a batch of windows is gathered from them there. */
export function openTensorFlow(tensorFlow: TensorFlow, model: Checkpoint, options: TensorFlowEngineOptions = {}): Scorer {
  const { tf, backend, device } = tensorFlow;
  const pass = forwardPass(tensorFlow, model.architecture);
  const parameters = new Map([...model.weights].map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape], 'float32')]));
  const batch = options.batch ?? DEFAULT_BATCH[device];
  const label = `scoring ${model.file}`;
  return {
    engine: backend === 'wasm' ? 'tfjs-wasm' : `tensorflow-${device}`,
    precision: 'fp32',
    async score(windows, control = {}) {
      control.signal?.throwIfAborted();
      const total = windows.ends.length;
      const probability = new Float64Array(total);
      const rows = tf.tensor2d(ownMemory(windows.rows), [windows.rowCount, windows.featureCount]);
      try {
        for (let from = 0; from < total; from += batch) {
          const to = Math.min(from + batch, total);
          const scored = tf.tidy(() => tf.sigmoid(newestOnly(pass.logits(parameters, gatherWindows(tensorFlow, rows, windows, from, to, pass.inputLayout)), pass, tensorFlow)));
          try {
            probability.set(await scored.data(), from);
          } finally {
            scored.dispose();
          }
          control.onProgress?.({ label, done: to, total, unit: 'windows' });
          await turnOfEventLoop();
          control.signal?.throwIfAborted();
        }
      } catch (cause) {
        const what = exhaustion(cause);
        if (what === undefined) throw cause;
        throw new SetupError(`${what} with ${batch} windows a run of ${model.file}`, {
          code: 'device-memory-exhausted',
          hint: `give a smaller batch (--batch ${Math.max(1, Math.floor(batch / 2))}), or end what else uses the device`,
          cause,
        });
      } finally {
        rows.dispose();
      }
      const bad = probability.findIndex((p) => !(p >= 0 && p <= 1));
      if (bad >= 0) {
        throw new InputError(`${model.file} gives ${probability[bad]} for window ${bad}, not a probability`, {
          code: 'not-a-probability',
          place: { file: model.file },
          hint: 'check the model and the scale of its inputs',
        });
      }
      return probability;
    },
    dispose() {
      for (const tensor of parameters.values()) tensor.dispose();
      parameters.clear();
      return Promise.resolve();
    },
  };
}

/** TensorFlow does not read memory shared between threads. */
function ownMemory(values: Float32Array): Float32Array {
  return values.buffer instanceof SharedArrayBuffer ? Float32Array.from(values) : values;
}

/**
 * Windows `from..to` of a row matrix on the device, as a forward pass wants them.
 * @param rows `[rowCount, features]`
 */
export function gatherWindows({ tf }: TensorFlow, rows: Tensor2D, { ends, length }: Pick<Windows, 'ends' | 'length'>, from: number, to: number, layout: ForwardPass['inputLayout']): Tensor3D {
  const batch = to - from;
  const indices = new Int32Array(batch * length);
  for (let window = 0; window < batch; window++) {
    const first = ends[from + window] - length + 1;
    for (let row = 0; row < length; row++) indices[layout === 'time-first' ? row * batch + window : window * length + row] = first + row;
  }
  const shape: [number, number] = layout === 'time-first' ? [length, batch] : [batch, length];
  return tf.tidy(() => tf.gather(rows, tf.tensor2d(indices, shape, 'int32')) as unknown as Tensor3D);
}

/** A pass that answers every row is asked about the window's newest. */
function newestOnly(logits: ReturnType<ForwardPass['logits']>, { outputs }: ForwardPass, { tf }: TensorFlow): Tensor1D {
  if (outputs === 'one') return logits as Tensor1D;
  const [batch, length] = logits.shape as [number, number];
  return tf.reshape(tf.slice(logits as Tensor2D, [0, length - 1], [batch, 1]), [batch]);
}
