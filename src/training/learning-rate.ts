/** How the learning rate changes over a training. */
export type Schedule =
  | { readonly kind: 'constant' }
  /** Cosine annealing with warm restarts (Loshchilov and Hutter 2017): cycles of `firstCycle`, then `factor` times as many epochs each. */
  | { readonly kind: 'cosine-restarts'; readonly firstCycle: number; readonly factor: number; readonly minimum: number }
  /** One cycle (Smith and Topin 2018) in `torch.optim.lr_scheduler.OneCycleLR`'s two cosine phases; `warmUp` is its `pct_start`. */
  | { readonly kind: 'one-cycle'; readonly warmUp: number; readonly startDivisor: number; readonly endDivisor: number };

/** The original's: cycles of 10, 20, 40 ... epochs. */
export const COSINE_RESTARTS: Schedule = { kind: 'cosine-restarts', firstCycle: 10, factor: 2, minimum: 1e-6 };

/** PyTorch's defaults. */
export const ONE_CYCLE: Schedule = { kind: 'one-cycle', warmUp: 0.3, startDivisor: 25, endDivisor: 1e4 };

/** Where a training stands; all from 0. */
export interface TrainingPosition {
  readonly epoch: number;
  /** Steps taken since the start, in all epochs. */
  readonly step: number;
  /** Steps the whole training has. */
  readonly steps: number;
}

/**
 * The learning rate of one optimiser step. Warm restarts step once an epoch and one cycle at each batch, as PyTorch's
 * schedulers are commonly called; `highest` is where a cycle starts, or what one cycle rises to.
 */
export function learningRateAt(schedule: Schedule, highest: number, position: TrainingPosition): number {
  switch (schedule.kind) {
    case 'constant':
      return highest;
    case 'cosine-restarts':
      return cosine(highest, schedule.minimum, shareOfCycle(position.epoch, schedule.firstCycle, schedule.factor));
    case 'one-cycle': {
      const start = highest / schedule.startDivisor;
      const top = schedule.warmUp * position.steps - 1;
      if (top > 0 && position.step <= top) return cosine(start, highest, position.step / top);
      return cosine(highest, start / schedule.endDivisor, (position.step - top) / (position.steps - 1 - top));
    }
  }
}

/** From `first` to `last` along half a cosine. */
function cosine(first: number, last: number, share: number): number {
  return last + ((first - last) * (1 + Math.cos(Math.PI * share))) / 2;
}

function shareOfCycle(epoch: number, firstCycle: number, factor: number): number {
  let within = epoch;
  let length = firstCycle;
  while (within >= length) {
    within -= length;
    length *= factor;
  }
  return within / length;
}
