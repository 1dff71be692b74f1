import type { ReliabilityBin } from './evaluation.js';

const BINS = 10;

/** A probability's bin; -1: in none. */
type Binning = (probability: number) => number;

/** [k/10, (k+1)/10), the last one closed: every probability is in a bin. */
export const closedBin: Binning = (probability) => {
  let bin = Math.min(BINS - 1, Math.floor(probability * BINS));
  // A product can round up to the next whole number: 0.29999999999999999 * 10 is 3.
  if (probability < bin / BINS) bin -= 1;
  else if (bin < BINS - 1 && probability >= (bin + 1) / BINS) bin += 1;
  return bin;
};

/** The original notebook's: [k/10, (k+1)/10), so that p = 1 is in no bin. */
const notebookBin: Binning = (probability) => (probability === 1 ? -1 : closedBin(probability));

/** The original's live module's: (k/10, (k+1)/10], so that p = 0 is in no bin. */
const liveBin: Binning = (probability) => {
  const bin = closedBin(probability);
  return probability === bin / BINS ? bin - 1 : bin;
};

/**
 * Expected calibration error in ten equal bins, what the gate uses: the mean over windows of |share up - mean p| of
 * their bin (Naeini, Cooper and Hauskrecht 2015).
 */
export function calibrationError(probability: Float64Array, label: Uint8Array): number {
  return binnedError(probability, label, closedBin);
}

/** As the original's notebooks compute it: windows with p = 1 exactly are left out of the sum, but counted. */
export function notebookCalibrationError(probability: Float64Array, label: Uint8Array): number {
  return binnedError(probability, label, notebookBin);
}

/** As the original's live module computes it: windows with p = 0 exactly are left out of the sum, but counted. */
export function liveCalibrationError(probability: Float64Array, label: Uint8Array): number {
  return binnedError(probability, label, liveBin);
}

function binnedError(probability: Float64Array, label: Uint8Array, binning: Binning): number {
  const { sumLabel, sumProbability } = fillBins(probability, label, binning);
  let error = 0;
  for (let bin = 0; bin < BINS; bin += 1) error += Math.abs(sumLabel[bin] - sumProbability[bin]);
  return error / label.length;
}

/** Points of the reliability diagram: the bins that hold a window, from low to high. */
export function reliabilityBins(probability: Float64Array, label: Uint8Array): ReliabilityBin[] {
  const { counts, sumLabel, sumProbability } = fillBins(probability, label, closedBin);
  const bins: ReliabilityBin[] = [];
  for (let bin = 0; bin < BINS; bin += 1) {
    const windows = counts[bin];
    if (windows === 0) continue;
    bins.push({
      low: bin / BINS,
      high: (bin + 1) / BINS,
      windows,
      meanProbability: sumProbability[bin] / windows,
      shareUp: sumLabel[bin] / windows,
    });
  }
  return bins;
}

interface FilledBins {
  readonly counts: Float64Array;
  readonly sumLabel: Float64Array;
  readonly sumProbability: Float64Array;
}

function fillBins(probability: Float64Array, label: Uint8Array, binning: Binning): FilledBins {
  const counts = new Float64Array(BINS);
  const sumLabel = new Float64Array(BINS);
  const sumProbability = new Float64Array(BINS);
  for (let index = 0; index < label.length; index += 1) {
    const bin = binning(probability[index]);
    if (bin < 0) continue;
    counts[bin] += 1;
    sumLabel[bin] += label[index];
    sumProbability[bin] += probability[index];
  }
  return { counts, sumLabel, sumProbability };
}
