import { closedBin } from './calibration.js';

/**
 * The ten-bin calibration error a perfectly calibrated model with these probabilities would show on average: not 0,
 * because every bin's share up is off by chance, and the error adds up the absolute values.
 *
 * In a bin of m independent windows at mean probability q the number of ups is binomial, and its mean absolute deviation
 * is known in closed form (`binomialMeanDeviation`). Overlapping windows are not independent: m is the bin's
 * windows divided by the factor with which overlap swells the variance of a bin's sum. A calibrated forecast's errors
 * y - p are uncorrelated from one horizon on (the later one was made knowing the earlier outcome), so only shorter lags
 * count, each at full weight (Hansen and Hodrick 1980).
 */
export function calibrationNoiseFloor(probability: Float64Array, label: Uint8Array, horizon: number): number {
  const windows = label.length;
  const bin = Uint8Array.from(probability, closedBin);
  const counts = new Float64Array(10);
  const sumProbability = new Float64Array(10);
  const sumResidual = new Float64Array(10);
  for (let index = 0; index < windows; index += 1) {
    const b = bin[index];
    counts[b] += 1;
    sumProbability[b] += probability[index];
    sumResidual[b] += label[index] - probability[index];
  }
  const residual = new Float64Array(windows);
  for (let index = 0; index < windows; index += 1) {
    const b = bin[index];
    residual[index] = label[index] - probability[index] - sumResidual[b] / counts[b];
  }
  const swelling = varianceSwelling(residual, bin, horizon);
  let floor = 0;
  for (let b = 0; b < 10; b += 1) {
    if (counts[b] === 0) continue;
    const independent = Math.max(1, Math.round(counts[b] / swelling));
    const mean = Math.min(1, sumProbability[b] / counts[b]);
    floor += (counts[b] / windows) * (binomialMeanDeviation(independent, mean) / independent);
  }
  return floor;
}

/** Variance of the bins' sums over what it would be if windows were independent, at least 1. */
function varianceSwelling(residual: Float64Array, bin: Uint8Array, horizon: number): number {
  let variance = 0;
  for (let index = 0; index < residual.length; index += 1) variance += residual[index] ** 2;
  if (variance === 0) return 1;
  let covariance = 0;
  for (let lag = 1; lag < horizon; lag += 1) {
    for (let index = lag; index < residual.length; index += 1) {
      if (bin[index] === bin[index - lag]) covariance += residual[index] * residual[index - lag];
    }
  }
  return Math.max(1, 1 + (2 * covariance) / variance);
}

/**
 * E|X - mq| of a binomial X of `m` trials at `q`: 2 v C(m, v) q^v (1-q)^(m-v+1), v = floor(mq) + 1
 * (de Moivre 1730; Diaconis and Zabell 1991).
 */
export function binomialMeanDeviation(m: number, q: number): number {
  if (q <= 0 || q >= 1) return 0;
  const v = Math.floor(m * q) + 1;
  const logChoose = logFactorial(m) - logFactorial(v) - logFactorial(m - v);
  return 2 * v * Math.exp(logChoose + v * Math.log(q) + (m - v + 1) * Math.log1p(-q));
}

/** ln n!, by Stirling's series from 16 on (error below 3e-12). */
function logFactorial(n: number): number {
  if (n < 16) {
    let product = 1;
    for (let factor = 2; factor <= n; factor += 1) product *= factor;
    return Math.log(product);
  }
  const inverse = 1 / n;
  const inverse2 = inverse * inverse;
  const series = inverse / 12 - (inverse * inverse2) / 360 + (inverse * inverse2 ** 2) / 1260;
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + series;
}
