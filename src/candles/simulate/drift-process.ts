/**
 * The planted truth. The log return of minute t is `f(t) * (drift(t) + noise(t))` with f the day's profile, noise
 * independent N(0, `noiseVariance`), and the drift a first-order autoregression that the noise does not feed:
 * `drift(t) = persistence * drift(t - 1) + innovation`, of variance `driftVariance` at every minute.
 */
export interface DriftProcess {
  /** From 0 up to, not including, 1: what is left of a drift a minute later. */
  readonly persistence: number;
  /** (log return a minute) squared. */
  readonly driftVariance: number;
  /** (log return a minute) squared. */
  readonly noiseVariance: number;
}

/** Variance of what a minute adds to the drift. */
export function innovationVariance({ persistence, driftVariance }: DriftProcess): number {
  return driftVariance * (1 - persistence ** 2);
}

/** Variance a minute adds to the price in the long run: a persistent drift adds far more than its own variance. */
export function longRunVariance({ persistence, driftVariance, noiseVariance }: DriftProcess): number {
  return noiseVariance + (driftVariance * (1 + persistence)) / (1 - persistence);
}

/** The process with all variances times `factor`: the same signal in a calmer or wilder market. */
export function scaled(process: DriftProcess, factor: number): DriftProcess {
  return { persistence: process.persistence, driftVariance: process.driftVariance * factor, noiseVariance: process.noiseVariance * factor };
}

/** The Kalman filter of a drift process, in its steady state: what the returns so far say of the drift. */
export interface DriftFilter {
  /** Share of a minute's surprise that is taken for drift. */
  readonly gain: number;
  /** Variance of the estimate; `driftVariance` less this is the error that remains. */
  readonly estimateVariance: number;
}

/**
 * The filter after long watching: the positive root of the Riccati equation `P = a²PR/(P + R) + Q`, with a the
 * persistence, R the noise's and Q the innovation's variance (Kalman 1960; Harvey 1989, section 3.3).
 */
export function driftFilter(process: DriftProcess): DriftFilter {
  const { persistence, driftVariance, noiseVariance } = process;
  const innovation = innovationVariance(process);
  if (driftVariance === 0) return { gain: 0, estimateVariance: 0 };
  const half = (noiseVariance * (1 - persistence ** 2) - innovation) / 2;
  const predicted = -half + Math.sqrt(half ** 2 + innovation * noiseVariance);
  const gain = predicted / (predicted + noiseVariance);
  return { gain, estimateVariance: driftVariance - predicted * (1 - gain) };
}
