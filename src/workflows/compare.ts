import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { canonicalSymbol } from '../candles/symbols.js';
import { InputError } from '../errors.js';
import { evaluateWindows } from '../evaluation/evaluate-windows.js';
import { pairedLogLoss } from '../evaluation/paired-log-loss.js';
import { simulateTrades } from '../evaluation/trades.js';
import type { JobControl } from '../progress.js';
import { projectVersion } from '../project-root.js';
import { shortNames, type ComparedModel, type ComparedSymbol, type Comparison } from '../report/comparison/comparison.js';
import { writeComparison, type ComparisonFiles } from '../report/comparison/write-comparison.js';
import { prepareResults } from '../report/write-results.js';
import { shareWindows } from './ensemble/score-ensemble.js';
import { DEFAULTS, type EvaluateOptions } from './evaluate-options.js';
import { planEvaluation, type EvaluationPlan, type SymbolPlan } from './evaluation-plan.js';
import { otherSymbolWarnings, readSubject, scoreSubject, seenInTraining, type EvaluationSubject } from './evaluation-subject.js';
import { loadFeatureSet } from './load-feature-set.js';
import { trainedOnOtherCandles } from './same-candles.js';
import type { ScoredSplit } from './score-split.js';
import { readSymbolData, type SymbolData } from './symbol-data.js';

export interface CompareOptions extends Omit<EvaluateOptions, 'split' | 'precision' | 'predictions' | 'calibrationGate'> {
  /** Default: all that have two models or more. */
  readonly symbols?: readonly string[] | undefined;
  /** The model the others are held against: its short name (`logistic`) or its file's name. Default: a baseline where there is one, else the first. */
  readonly against?: string | undefined;
  /** Spread and slippage together at which trades are simulated, bps; default 0 to 30. */
  readonly costsBps?: readonly number[] | undefined;
}

export interface CompareControl extends JobControl {
  /** ms since the epoch: when the run began, for the results. */
  readonly now: number;
  /** Told once what will be compared, before the work begins. */
  readonly onPlan?: ((plan: EvaluationPlan) => void) | undefined;
}

export interface CompareRun {
  readonly comparison: Comparison;
  readonly files: ComparisonFiles;
}

export const COMPARED_COSTS_BPS: readonly number[] = [0, 2, 4, 6, 8, 10, 12, 15, 20, 30];

/** What others must beat stands first. */
const BASELINES: readonly string[] = ['logistic', 'boosting'];

/**
 * Several models of each symbol on the same test windows, those that all of them have: figures, the difference in log
 * loss from a reference with its interval, net return by costs, speed, size. Writes `compare.csv` and `compare.html`.
 * @throws InputError `nothing-to-compare`, `no-reference`, `horizons-differ`, `bad-option`; what reading and scoring
 *   throw; an AbortError when `control.signal` fires, with nothing written
 */
export async function compareModels(options: CompareOptions, control: CompareControl): Promise<CompareRun> {
  const out = options.out ?? DEFAULTS.out;
  prepareResults(out);
  const costsBps = checkedCosts(options.costsBps ?? COMPARED_COSTS_BPS);
  const { plan, warnings } = comparable(planEvaluation(options, options.symbols?.map(canonicalSymbol)), options.symbols);
  control.onPlan?.(plan);
  const featureSet = options.featureSet === undefined ? undefined : (await loadFeatureSet(options.featureSet)).set.name;
  const symbols: ComparedSymbol[] = [];
  for (const symbol of plan.symbols) symbols.push(await compareSymbol(symbol, { ...options, featureSet, costsBps }, control));
  const comparison: Comparison = { startedAt: control.now, crpbotVersion: projectVersion(), source: plan.source, costsBps, symbols, warnings };
  control.signal?.throwIfAborted();
  return { comparison, files: writeComparison(out, comparison) };
}

/** The symbols asked for; without any, those that have something to compare, and the others as warnings. */
function comparable(plan: EvaluationPlan, asked: readonly string[] | undefined): { readonly plan: EvaluationPlan; readonly warnings: readonly string[] } {
  const names = asked?.map(canonicalSymbol);
  const chosen = names === undefined ? plan.symbols : plan.symbols.filter(({ symbol }) => names.includes(symbol));
  const gone = names?.filter((name) => !chosen.some(({ symbol }) => symbol === name)) ?? [];
  const [several, single] = [chosen.filter(({ models }) => models.length >= 2), chosen.filter(({ models }) => models.length < 2)];
  if (several.length === 0 || gone.length > 0) {
    const there = plan.symbols.map(({ symbol, models }) => `${symbol} (${models.length})`).join(', ');
    throw new InputError(`two models or more of ${gone.length > 0 ? gone.join(', ') : 'one symbol'} are needed to compare, and there are models of ${there}`, {
      code: 'nothing-to-compare',
      hint: 'name more models, folders or files, one after the other: `npx crpbot train --model logistic` makes a baseline in seconds',
    });
  }
  const alone = single.map(({ symbol, models }) => `${symbol} has one model, ${basename(models[0])}: nothing to compare it with`);
  return { plan: { ...plan, symbols: several }, warnings: [...(names === undefined ? plan.warnings : []), ...alone] };
}

type SymbolOptions = CompareOptions & { readonly costsBps: readonly number[] };

async function compareSymbol(plan: SymbolPlan, options: SymbolOptions, control: CompareControl): Promise<ComparedSymbol> {
  const { subjects, names } = referenceFirst(plan, options);
  refuseOtherHorizons(subjects);
  const scored: { readonly split: ScoredSplit; readonly warnings: readonly string[] }[] = [];
  let read: { readonly set: EvaluationSubject['featureSets'][number]; readonly data: SymbolData } | undefined;
  for (const subject of subjects) {
    control.signal?.throwIfAborted();
    const [set] = subject.featureSets;
    if (read?.set !== set) read = { set, data: await readSymbolData(plan, set) };
    scored.push({ split: await scoreSubject(subject, read.data, options, control), warnings: warningsOf(subject, read.data) });
  }
  const shared = shareWindows(scored.map(({ split }) => split));
  if (shared.decisionRows.length === 0) {
    throw new InputError(`${plan.symbol}: no test window is shared by all ${subjects.length} models`, { code: 'too-few-candles', hint: 'give more candles, or compare fewer models' });
  }
  const windowsOf = (index: number) => ({ ...shared.scored, probability: shared.probabilities[index] });
  const { accuracyGate, spreadBps, slippageBps, seed } = options;
  const models = subjects.map((subject, index): ComparedModel => {
    const { split, warnings } = scored[index];
    const windows = windowsOf(index);
    const evaluation = evaluateWindows(windows, definedOnly({ accuracyGate, spreadBps, slippageBps, seed }));
    const seen = seenInTraining(subject, evaluation, {});
    return {
      name: names[index],
      model: basename(subject.file),
      modelSha256: subject.sha256,
      bytes: bytesOf(subject),
      featureSet: featureSetText(subject),
      alignment: [...new Set(subject.featureSets.map(({ alignment }) => alignment))].join(' + '),
      leaky: subject.featureSets.some(({ leaky }) => leaky),
      seenInTraining: seen !== undefined,
      scored: windows,
      evaluation,
      ...(index === 0 ? {} : { against: pairedLogLoss(windows, windowsOf(0), definedOnly({ seed })) }),
      netReturns: options.costsBps.map((cost) => simulateTrades(windows, { sides: 'both', spreadBps: cost, slippageBps: 0 }).netReturn),
      engine: split.engine,
      seconds: split.seconds,
      windowsPerSecond: split.decisionRows.length / split.seconds,
      assumed: subject.assumed,
      warnings: [...(seen === undefined ? [] : [seen]), ...warnings],
    };
  });
  return { symbol: plan.symbol, reference: names[0], windows: shared.decisionRows.length, left: shared.left, models };
}

function warningsOf(subject: EvaluationSubject, data: SymbolData): string[] {
  const others = subject.members.flatMap(({ model, settings }) => trainedOnOtherCandles(model.manifest, data, settings.featureSet) ?? []);
  return [...others, ...subject.warnings, ...otherSymbolWarnings(subject, data.candles.symbol)];
}

function refuseOtherHorizons(subjects: readonly EvaluationSubject[]): void {
  const [first] = subjects;
  const horizon = first.members[0].settings.horizon;
  const other = subjects.find(({ members }) => members[0].settings.horizon !== horizon);
  if (other === undefined) return;
  throw new InputError(`${other.file} predicts ${other.members[0].settings.horizon} rows ahead, and ${first.file} ${horizon}: two questions cannot be compared`, {
    code: 'horizons-differ',
    place: { file: other.file },
    hint: 'compare models of one horizon',
  });
}

/** The models with their short names, the reference before the others. */
function referenceFirst({ symbol, models }: SymbolPlan, options: CompareOptions): { readonly subjects: readonly EvaluationSubject[]; readonly names: readonly string[] } {
  const subjects = models.map((file) => readSubject(file, options));
  const names = shortNames(subjects.map((subject) => ({ model: basename(subject.file), featureSet: featureSetText(subject) })));
  const { against } = options;
  const found = names.findIndex((name, index) => (against === undefined ? BASELINES.includes(name.split(' ')[0]) : name === against || basename(models[index]) === basename(against)));
  if (found < 0 && against !== undefined) {
    throw new InputError(`no model of ${symbol} is named ${against}; there are ${names.join(', ')}`, { code: 'no-reference', hint: 'name one of these, or its file' });
  }
  const reference = Math.max(0, found);
  const order = [reference, ...names.keys()].filter((each, at) => at === 0 || each !== reference);
  return { subjects: order.map((index) => subjects[index]), names: order.map((index) => names[index]) };
}

const featureSetText = ({ featureSets }: EvaluationSubject): string => [...new Set(featureSets.map(({ name }) => name))].join(' + ');

function bytesOf({ file, members, ensemble }: EvaluationSubject): number {
  const files = [file, ...(ensemble === undefined ? [] : members.map(({ model }) => model.file))];
  return files.reduce((sum, each) => sum + statSync(each).size, 0);
}

/** @throws InputError `bad-option` */
function checkedCosts(costs: readonly number[]): readonly number[] {
  const wrong = costs.find((cost) => !(cost >= 0 && cost < 10_000));
  if (wrong !== undefined || costs.length === 0) {
    throw new InputError(`costs of ${wrong ?? 'nothing'} bps`, { code: 'bad-option', hint: 'give numbers from 0 to below 10,000, such as 0,5,10,15' });
  }
  return [...new Set(costs)].sort((a, b) => a - b);
}

function definedOnly<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> };
}
