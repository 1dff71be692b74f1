import type { Gates } from '../../evaluation/evaluation.js';
import { createRandom } from '../../random.js';
import { diagnose, type Diagnosis } from './diagnose.js';
import { propose, type SearchSpace, type TrialSettings } from './propose.js';
import type { TrainedModel } from './train-model.js';

/** One try, with what its validation figures said. */
export interface SearchTrial {
  readonly settings: TrialSettings;
  /** What was changed against the best one before it; absent at the start. */
  readonly change?: string;
  /** The diagnosis that the change answers. */
  readonly answers?: Diagnosis;
  readonly model: TrainedModel;
  readonly diagnosis: Diagnosis;
}

export interface Search {
  readonly trials: readonly SearchTrial[];
  /** Index of the trial with the lowest validation log loss; of those that pass the gates where any does. */
  readonly best: number;
  readonly ended: 'passed' | 'budget' | 'exhausted' | 'trials';
}

export interface SearchOptions {
  readonly start: TrialSettings;
  readonly space: SearchSpace;
  readonly gates: Gates;
  readonly horizon: number;
  readonly seed: number;
  readonly mostTrials: number;
  /** Whether there is time for a trial that takes about so long, ms. */
  readonly timeFor: (ms: number) => boolean;
  /** Undefined: stopped, since the time was up. */
  readonly train: (settings: TrialSettings, number: number) => Promise<TrainedModel | undefined>;
  readonly onTrial?: ((trial: SearchTrial, number: number) => void) | undefined;
}

/**
 * Train, look, adjust, until a model passes both gates on validation or nothing is left to spend. Every next try changes
 * the best so far in answer to what was wrong with it. Only validation is looked at. The first try is never stopped.
 */
export async function searchSettings(options: SearchOptions): Promise<Search> {
  const { start, space, gates, horizon, train, onTrial } = options;
  const random = createRandom(options.seed);
  const trials: SearchTrial[] = [];
  let next: { readonly settings: TrialSettings; readonly change?: string; readonly answers?: Diagnosis } | undefined = { settings: start };
  let longest = 0;
  let ended: Search['ended'] = 'exhausted';
  while (next !== undefined) {
    const model = await train(next.settings, trials.length + 1);
    if (model === undefined) {
      ended = 'budget';
      break;
    }
    longest = Math.max(longest, 1000 * model.seconds);
    const trial: SearchTrial = { ...next, model, diagnosis: diagnose(model, gates, horizon) };
    trials.push(trial);
    onTrial?.(trial, trials.length);
    if (trial.diagnosis === 'passes') {
      ended = 'passed';
      break;
    }
    if (trials.length >= options.mostTrials || !options.timeFor(longest)) {
      ended = trials.length >= options.mostTrials ? 'trials' : 'budget';
      break;
    }
    const best = trials[bestTrial(trials)];
    const diagnosis = best.diagnosis === 'passes' ? trial.diagnosis : best.diagnosis;
    const proposal = propose(best.settings, diagnosis, trials.map(({ settings }) => settings), space, random);
    next = proposal === undefined ? undefined : { ...proposal, answers: diagnosis };
  }
  return { trials, best: bestTrial(trials), ended };
}

function bestTrial(trials: readonly SearchTrial[]): number {
  const loss = ({ model }: SearchTrial): number => model.validation.reduce((sum, each) => sum + each.logLoss, 0) / model.validation.length;
  const passing = trials.filter(({ diagnosis }) => diagnosis === 'passes');
  const among = passing.length > 0 ? passing : trials;
  return trials.indexOf(among.reduce((best, trial) => (loss(trial) < loss(best) ? trial : best)));
}
