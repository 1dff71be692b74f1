import { createRandom } from '../../src/random.js';
import type { Random } from '../../src/random.js';
import type { ScoredWindows } from '../../src/evaluation/scored-windows.js';

export const HORIZON = 15;

/** Standard normal draws (Box and Muller 1958). */
export function normals(random: Random): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The normal distribution function (Abramowitz and Stegun 26.2.17, error below 1e-7). */
export function normalShare(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return x > 0 ? 1 - upper : upper;
}

/** Decisions right 60 % of the time, each like the one before: a latent AR(1) below the normal's 60 % point. */
export function dependentCorrectness(windows: number, autocorrelation: number, normal: () => number): Uint8Array {
  const innovation = Math.sqrt(1 - autocorrelation ** 2);
  let latent = normal();
  return Uint8Array.from({ length: windows }, () => {
    latent = autocorrelation * latent + innovation * normal();
    return latent < 0.2533471 ? 1 : 0;
  });
}

/**
 * A market whose drift is known and wanders, and the forecast that knows it: perfectly calibrated, with outcomes that
 * overlap over the horizon. The label says whether the sum of the next 15 returns is above 0.
 */
export function calibratedForecast(windows: number, drift: number, normal: () => number): { probability: Float64Array; label: Uint8Array } {
  const persistence = 0.99;
  let latent = drift * normal();
  const drifts = Float64Array.from({ length: windows + HORIZON }, () => (latent = persistence * latent + Math.sqrt(1 - persistence ** 2) * drift * normal()));
  const noise = Float64Array.from({ length: windows + HORIZON }, normal);
  const probability = new Float64Array(windows);
  const label = new Uint8Array(windows);
  for (let window = 0; window < windows; window += 1) {
    let expected = 0;
    let chance = 0;
    for (let step = 0; step < HORIZON; step += 1) {
      expected += drifts[window + step];
      chance += noise[window + step];
    }
    probability[window] = normalShare(expected / Math.sqrt(HORIZON));
    label[window] = expected + chance > 0 ? 1 : 0;
  }
  return { probability, label };
}

/** A price that moves at random and a model that knows `skill` of the next 15 minutes (0: nothing, 1: everything). */
export function scoredMarket(windows: number, skill: number, seed: number, symbol = 'AAA-USD'): ScoredWindows {
  const normal = normals(createRandom(seed));
  const close = new Float64Array(windows + 2 * HORIZON).fill(100);
  for (let row = 1; row < close.length; row += 1) close[row] = close[row - 1] * Math.exp(0.002 * normal());
  const entry = close.slice(HORIZON, HORIZON + windows);
  const exit = close.slice(2 * HORIZON);
  let mood = normal();
  return {
    symbol,
    horizon: HORIZON,
    entry,
    exit,
    previous: close.slice(0, windows),
    label: Uint8Array.from(entry, (price, window) => (exit[window] > price ? 1 : 0)),
    time: Float64Array.from(entry, (_, window) => Date.UTC(2025, 0, 1) + window * 60_000),
    probability: Float64Array.from(entry, (price, window) => {
      mood = 0.97 * mood + 0.243 * normal();
      const signal = Math.log(exit[window] / price) / (0.002 * Math.sqrt(HORIZON));
      return normalShare(skill * signal + (1 - skill) * mood);
    }),
  };
}
