import { basename } from 'node:path';
import { V3_WEIGHTS } from '../../evaluation/ensemble.js';
import { fitMixtureWeights } from '../../evaluation/mixture-weights.js';
import type { Model } from '../../models/model.js';

export const WEIGHT_RULES = ['fitted', 'v3'] as const;
export type WeightRule = (typeof WEIGHT_RULES)[number];

export interface WeighedModel {
  readonly model: Model;
  /** P(up) on the shared validation windows. */
  readonly probability: Float64Array;
  /** nats, there. */
  readonly logLoss: number;
}

/** Below this share of the mean a fitted member is left out: its file would be read for nothing. */
const LEAST_WEIGHT = 1e-4;

/**
 * A weight a member, >= 0; 0 leaves it out. `fitted`: those of the least validation log loss. `v3`: the original's 0.35
 * for the LSTMs and 0.40 for the Transformers together; the rest goes to the others in proportion to how far their log
 * loss lies below that of always giving the share of up, `upLogLoss`, nats.
 */
export function memberWeights(rule: WeightRule, models: readonly WeighedModel[], label: Uint8Array, upLogLoss: number): number[] {
  if (rule === 'fitted') return Array.from(fitMixtureWeights(models.map(({ probability }) => probability), label), (weight) => (weight < LEAST_WEIGHT ? 0 : weight));
  const kinds = models.map(({ model }) => kindOf(model));
  const gains = models.map(({ logLoss }) => Math.max(0, upLogLoss - logLoss));
  const others = gains.reduce((sum, gain, index) => (kinds[index] === 'other' ? sum + gain : sum), 0);
  return kinds.map((kind, index) => {
    if (kind === 'other') return others === 0 ? 0 : (OTHERS_SHARE * gains[index]) / others;
    return V3_WEIGHTS[kind] / kinds.filter((each) => each === kind).length;
  });
}

const OTHERS_SHARE = 1 - V3_WEIGHTS.lstm - V3_WEIGHTS.transformer;

/** By its weights; of a graph by its file's name. */
function kindOf(model: Model): 'lstm' | 'transformer' | 'other' {
  const kind = 'architecture' in model ? model.architecture.kind : /^(lstm|transformer)/i.exec(basename(model.file))?.[1].toLowerCase();
  return kind === 'lstm' || kind === 'transformer' ? kind : 'other';
}
