/**
 * What the loss is multiplied by before its gradient is taken, and the gradient divided by after, so that small gradients
 * survive half precision (Micikevicius et al. 2018, "dynamic loss scaling").
 */
export interface LossScale {
  readonly scale: number;
  /** Steps since the scale last changed. */
  readonly goodSteps: number;
  /** Steps not taken so far, because a gradient overflowed. AdamW counts the others. */
  readonly skipped: number;
}

/** PyTorch's grows at the same pace from twice as much. */
export const FIRST_LOSS_SCALE: LossScale = { scale: 2 ** 15, goodSteps: 0, skipped: 0 };

/** Steps without an overflow after which the scale is doubled. */
export const GROWTH_STEPS = 2000;

const LARGEST = 2 ** 24;

/** Halved by an overflow, whose step is skipped; doubled after {@link GROWTH_STEPS} steps without one. */
export function nextLossScale({ scale, goodSteps, skipped }: LossScale, overflowed: boolean): LossScale {
  if (overflowed) return { scale: scale / 2, goodSteps: 0, skipped: skipped + 1 };
  const grows = goodSteps + 1 >= GROWTH_STEPS;
  return { scale: grows ? Math.min(2 * scale, LARGEST) : scale, goodSteps: grows ? 0 : goodSteps + 1, skipped };
}

/** Whether a gradient that is not finite may come of the scale: at 1 it is the model's own. */
export function isOverflow(lossScale: LossScale | undefined, loss: number, norm: number): boolean {
  return lossScale !== undefined && lossScale.scale > 1 && Number.isFinite(loss) && !Number.isFinite(norm);
}
