import type { GradSaveFunc, Scalar, Tensor } from '@tensorflow/tfjs';
import type { Tfjs } from '../engines/tensorflow/tensorflow.js';

/**
 * Weighted binary cross-entropy on logits: sum of share * (softplus(logit) - logit * label), which neither overflows nor
 * loses digits at any logit. Its gradient, share * (sigmoid(logit) - label), is given by hand: two ops and exact.
 * @param label 0 or 1, of the logits' shape.
 * @param share of each logit in the loss: its weight over the sum of weights, times its class's weight.
 */
export function logitLoss(tf: Tfjs, logits: Tensor, label: Tensor, share: Tensor): Scalar {
  const loss = tf.customGrad((...given) => {
    const [x, save] = given as unknown as [Tensor, GradSaveFunc];
    save([x, label, share]);
    const softplus = tf.relu(x).add(tf.log1p(tf.exp(tf.neg(tf.abs(x)))));
    const value: Scalar = softplus.sub(x.mul(label)).mul(share).sum();
    return {
      value,
      gradFunc: (upstream: Tensor, [logit, target, part]: Tensor[]) => tf.sigmoid(logit).sub(target).mul(part).mul(upstream),
    };
  });
  return loss(logits);
}

/** -log P(label) of one logit, in nats. */
export function logLossOf(logit: number, label: number): number {
  return Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));
}
