import { InputError } from '../errors.js';
import { percent } from '../number-text.js';
import { BASELINE_KINDS, type BaselineKind, type TrainedBaseline } from '../workflows/training/baselines/train-baseline.js';
import { trainBaselines } from '../workflows/training/baselines/train-baselines.js';
import type { FoldKind } from '../workflows/training/folds.js';
import type { ModelKind } from '../workflows/training/model-kinds.js';
import type { Session } from './session.js';

export type ModelName = ModelKind | BaselineKind;

/** Options of `crpbot train` that a baseline takes, each under its name there. */
interface BaselineFlags {
  readonly candles?: readonly string[] | undefined;
  readonly features?: readonly string[] | undefined;
  readonly symbols?: readonly string[] | undefined;
  readonly featureSet?: string | undefined;
  readonly horizon?: number | undefined;
  readonly embargo?: number | undefined;
  readonly maxGap?: number | undefined;
  readonly calibration?: boolean | undefined;
  readonly python?: string | undefined;
  readonly out: string;
  readonly epochs?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly weightDecay?: number | undefined;
  readonly patience?: number | undefined;
  readonly seed?: number | undefined;
  readonly seeds?: readonly number[] | undefined;
  readonly folds?: number | undefined;
  readonly foldsKind?: FoldKind | undefined;
}

/** Named only together with networks, or not at all by a baseline. */
const NETWORKS_ONLY = ['pool', 'queue', 'formats', 'width', 'layers', 'windowLength', 'batch', 'stride', 'dropout', 'clipNorm', 'positiveWeight', 'precision'] as const;
type NetworkFlags = { readonly [Name in (typeof NETWORKS_ONLY)[number]]?: unknown };

/** Networks undefined: none was named, and the default is meant. */
export function splitKinds(names: readonly ModelName[] | undefined): { readonly networks: readonly ModelKind[] | undefined; readonly baselines: readonly BaselineKind[] } {
  const isBaseline = (name: ModelName): name is BaselineKind => (BASELINE_KINDS as readonly string[]).includes(name);
  const isNetwork = (name: ModelName): name is ModelKind => !isBaseline(name);
  return { networks: names?.filter(isNetwork), baselines: names?.filter(isBaseline) ?? [] };
}

/**
 * The baselines among the models named. `--weight-decay` is the ridge of the logistic regression, `--epochs` the most
 * trees of the boosting.
 * @throws InputError `option-does-not-fit`
 */
export async function trainChosenBaselines(kinds: readonly BaselineKind[], flags: BaselineFlags & NetworkFlags, session: Session): Promise<readonly TrainedBaseline[]> {
  const unfit = NETWORKS_ONLY.find((name) => flags[name] !== undefined);
  if (unfit !== undefined) {
    const option = `--${unfit.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new InputError(`${option} does not fit ${kinds.join(' and ')}`, { code: 'option-does-not-fit', hint: `leave ${option} out, or train ${kinds.join(' and ')} in a run of their own: they take seconds, here, one after the other` });
  }
  const { symbols, out, foldsKind, epochs, weightDecay, calibration, ...options } = flags;
  return trainBaselines(
    { ...options, kinds, symbols, foldKind: foldsKind, outDir: out, rounds: epochs, ridge: weightDecay, calibrate: calibration },
    {
      ...session.control,
      now: Date.now,
      onNote: (note) => session.note(`note: ${note}`),
      onPlan: (plan) => session.print(`Training ${kinds.join(' and ')} baselines${flags.folds === undefined ? '' : ` in ${flags.folds} folds`} of ${plan.symbols.map(({ symbol }) => symbol).join(', ')}: ${plan.source}`),
      onTrained: (baseline) => {
        if (baseline.fold === undefined) for (const line of linesOf(baseline)) session.print(line);
      },
    },
  );
}

function linesOf({ symbol, model, size, validation, trials, seconds, files }: TrainedBaseline): string[] {
  const { accuracy, baseline, logLoss, calibrationError } = validation;
  return [
    `${symbol}  ${model}  ${size} ${model === 'boosting' ? 'trees' : 'steps'}, ${Math.round(seconds)} s`,
    `  validation ${symbol}: accuracy ${percent(accuracy)} (baseline ${percent(baseline)}), log loss ${logLoss.toFixed(4)}, calibration error ${percent(calibrationError)}; try ${trials} on record`,
    ...files.map((file) => `  ${file}`),
  ];
}
