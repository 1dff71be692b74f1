import { randomIndex, type Random } from '../../random.js';
import type { TrainingSettings } from '../../training/training-settings.js';
import type { Diagnosis } from './diagnose.js';
import { chooseModel, KIND_SETTINGS, type ModelKind } from './model-kinds.js';

/** One point of the search. */
export interface TrialSettings {
  readonly model: ModelKind;
  readonly featureSet: string;
  readonly width: number;
  readonly layers: number;
  readonly training: TrainingSettings;
}

export interface Proposal {
  readonly settings: TrialSettings;
  /** What was changed, and in answer to what: `dropout 0.1 -> 0.25`. */
  readonly change: string;
}

/** What the search may choose from. */
export interface SearchSpace {
  readonly models: readonly ModelKind[];
  readonly featureSets: readonly string[];
}

export function startingPoint(model: ModelKind, featureSet: string, training: Partial<TrainingSettings>): TrialSettings {
  const { architecture } = chooseModel(model, 1, {});
  const width = architecture.kind === 'lstm' ? architecture.hiddenSize : architecture.kind === 'tcn' ? architecture.channels : architecture.modelSize;
  return { model, featureSet, width, layers: architecture.layers, training: { ...KIND_SETTINGS[model], ...training } };
}

type Move = (from: TrialSettings, space: SearchSpace, random: Random) => TrialSettings;

const tuned = (change: (training: TrainingSettings) => Partial<TrainingSettings>): Move => (from) => ({ ...from, training: { ...from.training, ...change(from.training) } });
const rounded = (value: number, digits = 3): number => Number(value.toPrecision(digits));

const MORE_DROPOUT = tuned(({ dropout }) => ({ dropout: Math.min(0.6, rounded(dropout + 0.15)) }));
const LESS_DROPOUT = tuned(({ dropout }) => ({ dropout: rounded(dropout / 2) }));
const MORE_DECAY = tuned(({ weightDecay }) => ({ weightDecay: Math.min(1, rounded(Math.max(weightDecay, 0.003) * 3)) }));
const SLOWER = tuned(({ learningRate }) => ({ learningRate: Math.max(1e-5, rounded(learningRate / 2)) }));
const FASTER = tuned(({ learningRate }) => ({ learningRate: Math.min(0.02, rounded(learningRate * 1.7)) }));
const LONGER = tuned(({ epochs }) => ({ epochs: Math.min(200, Math.ceil(epochs * 1.6)) }));
const SHORTER = tuned(({ epochs }) => ({ epochs: Math.max(2, Math.floor(epochs / 1.6)) }));
const BIGGER_BATCH = tuned(({ batchSize }) => ({ batchSize: Math.min(1024, batchSize * 2) }));
/** Whole 16s: an attention head is 16 wide. */
const WIDER: Move = (from) => ({ ...from, width: Math.min(256, 16 * Math.ceil((from.width * 1.4) / 16)) });
const NARROWER: Move = (from) => ({ ...from, width: Math.max(16, 16 * Math.floor(from.width / 1.4 / 16)) });
const DEEPER: Move = (from) => ({ ...from, layers: Math.min(from.model === 'tcn' ? 9 : 4, from.layers + 1) });
const SHALLOWER: Move = (from) => ({ ...from, layers: Math.max(1, from.layers - 1) });
const OTHER_FEATURES: Move = (from, { featureSets }, random) => {
  const others = featureSets.filter((name) => name !== from.featureSet);
  return others.length === 0 ? from : { ...from, featureSet: others[randomIndex(random, others.length)] };
};
const OTHER_MODEL: Move = (from, { models }, random) => {
  const others = models.filter((kind) => kind !== from.model);
  return others.length === 0 ? from : startingPoint(others[randomIndex(random, others.length)], from.featureSet, { seed: from.training.seed });
};

/** What answers what. */
const ANSWERS: Readonly<Record<Exclude<Diagnosis, 'passes'>, readonly Move[]>> = {
  'no-skill': [OTHER_FEATURES, OTHER_MODEL, DEEPER, SLOWER, FASTER, MORE_DECAY],
  'over-fit': [MORE_DROPOUT, MORE_DECAY, NARROWER, SHALLOWER, SHORTER, OTHER_FEATURES],
  'under-fit': [LONGER, WIDER, FASTER, LESS_DROPOUT, DEEPER],
  miscalibrated: [MORE_DECAY, SLOWER, MORE_DROPOUT, BIGGER_BATCH],
  'below-gate': [WIDER, DEEPER, LONGER, SLOWER, FASTER, OTHER_FEATURES, OTHER_MODEL, MORE_DROPOUT],
};

/** Moves tried before the search is taken as exhausted around a point. */
const MOST_DRAWS = 60;

/**
 * The next trial: the best one so far, changed by a move that answers its diagnosis; never one that was tried already.
 * @returns undefined when no new one was found
 */
export function propose(best: TrialSettings, diagnosis: Exclude<Diagnosis, 'passes'>, tried: readonly TrialSettings[], space: SearchSpace, random: Random): Proposal | undefined {
  const known = new Set(tried.map((each) => JSON.stringify(each)));
  const moves = ANSWERS[diagnosis];
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    // After a while two moves at once: all single ones may have been tried.
    let settings = best;
    for (let move = 0; move <= Math.floor(draw / 20); move++) settings = moves[randomIndex(random, moves.length)](settings, space, random);
    if (!known.has(JSON.stringify(settings))) return { settings, change: describeChange(best, settings) };
  }
  return undefined;
}

function describeChange(from: TrialSettings, to: TrialSettings): string {
  const flat = ({ training, ...rest }: TrialSettings): Record<string, unknown> => ({ ...rest, ...training });
  const [before, after] = [flat(from), flat(to)];
  if (from.model !== to.model) return `model ${from.model} -> ${to.model}`;
  return Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])).map((name) => `${name} ${String(before[name])} -> ${String(after[name])}`).join(', ');
}
