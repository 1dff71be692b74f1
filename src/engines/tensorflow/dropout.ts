import type { Tensor } from '@tensorflow/tfjs';
import type { Dropout } from './forward-pass.js';
import type { TensorFlow } from './tensorflow.js';

/** Sets units to zero at random and scales the others up, so that the expected value stays. */
export type DropUnits = <T extends Tensor>(value: T) => T;

/**
 * Inverted dropout as PyTorch's: kept units are divided by `1 - rate`. Each call draws another mask; the n-th call of a
 * step is the same for the same seed. Without `dropout`, or at rate 0, values pass unchanged.
 */
export function createDropout({ tf, native }: TensorFlow, dropout: Dropout | undefined): DropUnits {
  if (dropout === undefined || dropout.rate === 0) return (value) => value;
  const { rate, seed } = dropout;
  let place = 0;
  return <T extends Tensor>(value: T): T => {
    place++;
    // tf.dropout draws in JavaScript: a tenth of a training step.
    if (native === undefined) return tf.dropout(value, rate, undefined, `${seed}:${place}`) as T;
    const mask = tf.tidy(() => {
      const shape = tf.tensor1d(value.shape, 'int32');
      const key = tf.tensor1d([seed | 0, place], 'int32');
      const [uniform] = native.run('StatelessRandomUniform', { dtype: { type: 'float32' }, T: { type: 'int32' }, Tseed: { type: 'int32' } }, [shape, key], 1);
      return tf.mul(tf.cast(tf.greaterEqual(uniform, rate), 'float32'), 1 / (1 - rate));
    });
    return tf.mul(value, mask);
  };
}
