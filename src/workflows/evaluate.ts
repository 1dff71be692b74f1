import { join, parse } from 'node:path';
import type { FileContent } from '../atomic-file.js';
import { InputError } from '../errors.js';
import { evaluateWindows, STREAMS } from '../evaluation/evaluate-windows.js';
import type { Gates } from '../evaluation/evaluation.js';
import { barLag } from '../evaluation/bar-lag.js';
import { decideGate } from '../evaluation/gate.js';
import { poolEvaluations } from '../evaluation/pool-evaluations.js';
import { createRandom } from '../random.js';
import type { ScoredWindows } from '../evaluation/scored-windows.js';
import { shuffledLabels } from '../evaluation/shuffled-labels.js';
import type { FeatureSet } from '../features/feature-set.js';
import { featureRecipe, isKnownEverywhere } from '../features/feature-recipes.js';
import { findLookAhead } from '../features/look-ahead.js';
import type { JobControl } from '../progress.js';
import { projectVersion } from '../project-root.js';
import type { ModelResult, RunResult } from '../report/run-result.js';
import { prepareResults, writeResults, type ResultFiles } from '../report/write-results.js';
import { parquetBytes } from '../tables/parquet.js';
import { DEFAULTS, type EvaluateOptions } from './evaluate-options.js';
import { planEvaluation, type EvaluationPlan, type SymbolPlan } from './evaluation-plan.js';
import { causalSubject, inAskedOrder, otherSymbolWarnings, readSubject, scoreSubject, seenInTraining, type EvaluationSubject } from './evaluation-subject.js';
import { loadFeatureSet } from './load-feature-set.js';
import { trainedOnOtherCandles } from './same-candles.js';
import { readSymbolData, type SymbolData } from './symbol-data.js';

export interface EvaluateRun {
  readonly run: RunResult;
  readonly files: ResultFiles;
  readonly predictions: readonly string[];
}

export interface EvaluateControl extends JobControl {
  /** ms since the epoch: when the run began, for the results. */
  readonly now: number;
  /** Told once what will be evaluated, before the work begins. */
  readonly onPlan?: ((plan: EvaluationPlan) => void) | undefined;
}

interface EvaluatedModel {
  readonly result: ModelResult;
  readonly scored: ScoredWindows;
}

/** Random rows at which the features of a passing model are tried for look-ahead; the tests try 200. */
const LOOK_AHEAD_ROWS = 20;

/**
 * Evaluates existing models on data they have not seen: candles, features, windows, P(up), figures, gates, results.
 * Writes `evaluation_results.csv`, `evaluation_results.json`, `report.html` and a line a model in `history.csv`.
 * @throws InputError, SetupError; an AbortError when `control.signal` fires, with nothing written
 */
export async function evaluate(options: EvaluateOptions, control: EvaluateControl): Promise<EvaluateRun> {
  const out = options.out ?? DEFAULTS.out;
  prepareResults(out);
  const plan = planEvaluation(options);
  if (options.predictions === true) refuseSamePredictions(plan);
  control.onPlan?.(plan);
  const named: EvaluateOptions = { ...options, featureSet: await featureSetName(options.featureSet) };
  const gates = { accuracy: options.accuracyGate ?? DEFAULTS.accuracyGate, calibration: options.calibrationGate ?? DEFAULTS.calibrationGate };

  const evaluated: EvaluatedModel[] = [];
  const warnings = [...plan.warnings];
  for (const symbol of plan.symbols) {
    const { models, notes } = await evaluateSymbol(symbol, named, gates, control);
    evaluated.push(...models);
    warnings.push(...notes);
  }

  const pooled = poolSymbols(evaluated, options.seed ?? DEFAULTS.seed);
  const run: RunResult = {
    startedAt: control.now,
    crpbotVersion: projectVersion(),
    options: { ...DEFAULTS, ...definedOnly(options), ...(options.maxGap === Infinity ? { maxGap: 'any' } : {}), source: plan.source },
    gates,
    models: evaluated.map(({ result }) => result),
    ...(pooled === undefined ? {} : { pooled }),
    warnings,
  };
  control.signal?.throwIfAborted();
  const predictions = options.predictions === true ? evaluated.map((model) => predictionsFile(out, model)) : [];
  const files = writeResults(out, run, predictions);
  return { run, files, predictions: predictions.map(({ path }) => path) };
}

/** By its name a set is known everywhere once its file was loaded. */
async function featureSetName(nameOrFile: string | undefined): Promise<string | undefined> {
  return nameOrFile === undefined ? undefined : (await loadFeatureSet(nameOrFile)).set.name;
}

async function evaluateSymbol(
  plan: SymbolPlan,
  options: EvaluateOptions,
  gates: Gates,
  control: EvaluateControl,
): Promise<{ readonly models: EvaluatedModel[]; readonly notes: readonly string[] }> {
  const models: EvaluatedModel[] = [];
  const notes = new Set<string>();
  // Models of one symbol as a rule read one feature set: its data are read, checked and hashed once. Only the last are kept.
  let read: { readonly set: FeatureSet; readonly data: SymbolData } | undefined;
  for (const file of plan.models) {
    control.signal?.throwIfAborted();
    const subject = readSubject(file, options);
    // What an ensemble's other models read is computed from the same candles.
    const [set] = subject.featureSets;
    if (read?.set !== set) {
      // eslint-disable-next-line no-useless-assignment -- lets the last set's columns go before the next are read
      read = undefined;
      read = { set, data: await readSymbolData(plan, set) };
    }
    for (const note of read.data.notes) notes.add(note);
    models.push(await evaluateModel(subject, read.data, options, gates, control));
  }
  return { models, notes: [...notes] };
}

async function evaluateModel(
  subject: EvaluationSubject,
  data: SymbolData,
  options: EvaluateOptions,
  gates: Gates,
  control: EvaluateControl,
): Promise<EvaluatedModel> {
  const { featureSets: sets } = subject;
  const seed = options.seed ?? DEFAULTS.seed;
  const precision = options.precision ?? DEFAULTS.precision;
  const figures = {
    accuracyGate: gates.accuracy,
    spreadBps: options.spreadBps ?? DEFAULTS.spreadBps,
    slippageBps: options.slippageBps ?? DEFAULTS.slippageBps,
    seed,
    trials: trialsOf(subject),
  };

  const split = await scoreSubject(subject, data, options, control);
  const evaluation = evaluateWindows(split.scored, figures);

  const accuracyPasses = evaluation.classification.accuracy >= gates.accuracy;
  const checks = accuracyPasses || evaluation.calibration.error <= gates.calibration
    ? {
        shuffledLabels: shuffledLabels(split.scored.probability, split.scored.label, { random: createRandom(seed, STREAMS.shuffledLabels) }),
        barLag: barLag(split.scored, split.lagged),
      }
    : {};
  // A pass is first of all a suspect: the features themselves are tried on this very data before it is believed. A set
  // of one's own has passed no test yet, so it is tried whatever came out.
  const leakySet = sets.find((set) => set.leaky);
  const suspects = sets.filter((set) => (accuracyPasses || !isKnownEverywhere(set)) && !set.leaky);
  const lookAhead = suspects.flatMap((set) => findLookAhead(set, data.candles, { rows: LOOK_AHEAD_ROWS, seed, before: lookAheadReach(set) }));
  const leaky = leakySet !== undefined || lookAhead.length > 0;
  const seen = seenInTraining(subject, evaluation, options);
  const causalRescore = leakySet === undefined ? undefined : await rescoreCausally(subject, data, options, figures, control);

  const result: ModelResult = {
    symbol: data.candles.symbol,
    model: parse(subject.file).base,
    modelSha256: subject.sha256,
    dataFiles: data.files,
    featureSet: joined(sets.map(({ name }) => name)),
    alignment: joined(sets.map(({ alignment }) => alignment)),
    leaky,
    split: options.split ?? DEFAULTS.split,
    ...(seen === undefined ? {} : { seenInTraining: true }),
    ...(figures.trials === undefined ? {} : { trials: figures.trials }),
    assumed: subject.assumed,
    warnings: [
      ...subject.members.flatMap(({ model, settings }) => trainedOnOtherCandles(model.manifest, data, settings.featureSet) ?? []),
      ...(seen === undefined ? [] : [seen]),
      ...subject.warnings,
      ...otherSymbolWarnings(subject, data.candles.symbol),
      ...gapWarning(split.acrossGaps, evaluation.windows),
      ...unsharedWarning(split.left, evaluation.windows),
      ...lookAhead.map(({ column, row }) => `${column} in row ${row} depends on later candles`),
    ],
    dropped: { incompleteWindows: split.incomplete, windowsAcrossGaps: split.acrossGaps, embargoRows: split.embargo },
    evaluation,
    gate: decideGate({ evaluation, gates, leaky, seenInTraining: seen !== undefined, precision, checks }),
    checks,
    ...(causalRescore === undefined ? {} : { causalRescore }),
    ...(split.agreement === undefined ? {} : { agreement: split.agreement }),
    engine: split.engine,
    precision,
    seconds: split.seconds,
    windowsPerSecond: evaluation.windows / split.seconds,
  };
  return { result, scored: split.scored };
}

/** Candles before a tried row: enough for a value to stand there. */
function lookAheadReach({ name, alignment, warmupRows }: FeatureSet): number {
  const { contextRows = 0 } = featureRecipe(name, alignment);
  return Math.max(500, 2 * Math.max(contextRows, warmupRows));
}

/** Tries on record when the model was trained, or the latest of an ensemble's; of a file that does not say it, not known. */
function trialsOf({ members }: EvaluationSubject): number | undefined {
  const known = members.flatMap(({ model }) => {
    const trials = model.manifest.metrics?.trials;
    return trials !== undefined && Number.isInteger(trials) && trials >= 1 ? [trials] : [];
  });
  return known.length === 0 ? undefined : Math.max(...known);
}

function unsharedWarning(left: number | undefined, kept: number): string[] {
  if (left === undefined || left === 0) return [];
  const count = (value: number) => value.toLocaleString('en');
  return [`${count(left)} of ${count(left + kept)} windows are not of all its models, and were left out`];
}

const joined = (names: readonly string[]): string => [...new Set(names)].join(' + ');

function gapWarning(acrossGaps: number, kept: number): string[] {
  if (acrossGaps === 0) return [];
  const count = (value: number) => value.toLocaleString('en');
  return [`${count(acrossGaps)} of ${count(acrossGaps + kept)} windows cross minutes that are missing, and were left out (--max-gap MINUTES lets them)`];
}

/** What a leaky result is worth: the same checkpoint on features that see no future. */
async function rescoreCausally(
  subject: EvaluationSubject,
  data: SymbolData,
  options: EvaluateOptions,
  figures: Parameters<typeof evaluateWindows>[1],
  control: EvaluateControl,
): Promise<NonNullable<ModelResult['causalRescore']>> {
  const { scored } = await scoreSubject(causalSubject(subject), inAskedOrder(data), options, control);
  const evaluation = evaluateWindows(scored, figures);
  return {
    accuracy: evaluation.classification.accuracy,
    interval: evaluation.accuracyInterval,
    calibrationError: evaluation.calibration.error,
    windows: evaluation.windows,
  };
}

/** One model a symbol, at least two symbols: else the same windows would count twice. */
function poolSymbols(evaluated: readonly EvaluatedModel[], seed: number): RunResult['pooled'] {
  const symbols = new Set(evaluated.map(({ scored }) => scored.symbol));
  if (symbols.size < 2 || symbols.size < evaluated.length) return undefined;
  return poolEvaluations(evaluated.map(({ scored }) => scored), { seed });
}

function predictionsFile(out: string, { result, scored }: EvaluatedModel): FileContent {
  const content = parquetBytes(
    [
      ['timestamp', scored.time],
      ['p', scored.probability],
      ['label', Float64Array.from(scored.label)],
    ],
    { timeColumn: 'timestamp', integerColumns: ['label'] },
  );
  return { path: join(out, predictionsName(result.model)), content };
}

const predictionsName = (model: string): string => `predictions_${parse(model).name}.parquet`;

/** Two models of one name in different folders would write one file. */
function refuseSamePredictions(plan: EvaluationPlan): void {
  const writtenBy = new Map<string, string>();
  for (const file of plan.symbols.flatMap(({ models }) => models)) {
    const name = predictionsName(parse(file).base);
    const first = writtenBy.get(name);
    if (first !== undefined) {
      throw new InputError(`the predictions of ${first} and of ${file} would both be ${name}`, {
        code: 'same-name',
        place: { file },
        hint: 'rename one of the models, evaluate them in two runs, or leave --predictions out',
      });
    }
    writtenBy.set(name, file);
  }
}

function definedOnly(options: EvaluateOptions): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
