import type { Gates } from '../../evaluation/evaluation.js';
import { createRandom } from '../../random.js';
import { diagnose, type Diagnosis } from './diagnose.js';
import { propose, type SearchSpace, type TrialSettings } from './propose.js';
import type { TrainedModel } from './train-model.js';

/** One try, with what its validation figures said. */
export interface SearchTrial {
  /** From 1, failed ones counted. */
  readonly number: number;
  readonly settings: TrialSettings;
  /** What was changed against the best one before it; absent at the start. */
  readonly change?: string;
  /** The diagnosis that the change answers. */
  readonly answers?: Diagnosis;
  readonly model: TrainedModel;
  readonly diagnosis: Diagnosis;
}

/** A try that came to nothing: it diverged, a batch was larger than the data, its process died. */
export interface FailedTry {
  readonly number: number;
  readonly change?: string;
  readonly error: Error;
}

export interface Search {
  readonly trials: readonly SearchTrial[];
  readonly failed: readonly FailedTry[];
  /** Index of the trial with the lowest validation log loss; of those that pass the gates where any does. */
  readonly best: number;
  readonly ended: 'passed' | 'budget' | 'exhausted' | 'trials' | 'failing';
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
  readonly onTrial?: ((trial: SearchTrial) => void) | undefined;
  readonly onFailed?: ((failed: FailedTry) => void) | undefined;
}

/** After so many tries in a row that failed, the next would too: the disk is full, say. */
const MOST_FAILURES = 3;

/**
 * Train, look, adjust, until a model passes both gates on validation or nothing is left to spend. Every next try changes
 * the best so far in answer to what was wrong with it. Only validation is looked at. The first try is never stopped. A
 * later one that fails costs what it took, not what was found before it.
 * @throws what the first try threw; an AbortError when stopped
 */
export async function searchSettings(options: SearchOptions): Promise<Search> {
  const { start, space, gates, horizon, train, onTrial, onFailed } = options;
  const random = createRandom(options.seed);
  const trials: SearchTrial[] = [];
  const failed: FailedTry[] = [];
  const tried: TrialSettings[] = [];
  let next: { readonly settings: TrialSettings; readonly change?: string; readonly answers?: Diagnosis } | undefined = { settings: start };
  let longest = 0;
  let ended: Search['ended'] = 'exhausted';
  let failures = 0;
  while (next !== undefined) {
    tried.push(next.settings);
    const number = tried.length;
    let model: TrainedModel | undefined;
    try {
      model = await train(next.settings, number);
      if (model === undefined) {
        ended = 'budget';
        break;
      }
      failures = 0;
    } catch (error) {
      if (trials.length === 0 || !(error instanceof Error) || error.name === 'AbortError') throw error;
      failures += 1;
      failed.push({ number, ...(next.change === undefined ? {} : { change: next.change }), error });
      onFailed?.(failed[failed.length - 1]);
    }
    if (model !== undefined) {
      longest = Math.max(longest, 1000 * model.seconds);
      const trial: SearchTrial = { number, ...next, model, diagnosis: diagnose(model, gates, horizon) };
      trials.push(trial);
      onTrial?.(trial);
      if (trial.diagnosis === 'passes') {
        ended = 'passed';
        break;
      }
    }
    const over = endOf({ tries: number, failures, longest }, options);
    if (over !== undefined) {
      ended = over;
      break;
    }
    const best = trials[bestTrial(trials)];
    if (best.diagnosis === 'passes') break;
    const proposal = propose(best.settings, best.diagnosis, tried, space, random);
    next = proposal === undefined ? undefined : { ...proposal, answers: best.diagnosis };
  }
  return { trials, failed, best: bestTrial(trials), ended };
}

function endOf({ tries, failures, longest }: { readonly tries: number; readonly failures: number; readonly longest: number }, { mostTrials, timeFor }: SearchOptions): Search['ended'] | undefined {
  if (failures >= MOST_FAILURES) return 'failing';
  if (tries >= mostTrials) return 'trials';
  return timeFor(longest) ? undefined : 'budget';
}

/** Index of the trial that is kept so far. */
export function bestTrial(trials: readonly SearchTrial[]): number {
  const loss = ({ model }: SearchTrial): number => model.validation.reduce((sum, each) => sum + each.logLoss, 0) / model.validation.length;
  const passing = trials.filter(({ diagnosis }) => diagnosis === 'passes');
  const among = passing.length > 0 ? passing : trials;
  return trials.indexOf(among.reduce((best, trial) => (loss(trial) < loss(best) ? trial : best)));
}
