import { Command } from 'commander';
import { percent } from '../number-text.js';
import { renderTable, renderVerdicts } from '../report/terminal.js';
import { DEFAULTS } from '../workflows/evaluate-options.js';
import { DIAGNOSIS_TEXT } from '../workflows/training/diagnose.js';
import { MODEL_KINDS } from '../workflows/training/model-kinds.js';
import { retrain, RETRAIN_DEFAULTS, type RetrainOptions, type RetrainRun, type SymbolSearch } from '../workflows/training/retrain.js';
import { bestTrial, type SearchTrial } from '../workflows/training/search.js';
import { choice, commaSeparated, minutesOrAny, numberBetween, onePath, paths, someOf, wholeNumber } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession, type Session } from './session.js';

interface Flags extends Omit<RetrainOptions, 'symbols' | 'featureSets' | 'outDir' | 'resultsDir' | 'settings' | 'budgetMinutes' | 'mostTrials'> {
  readonly symbols?: readonly string[];
  readonly epochs?: number;
  readonly batch?: number;
  readonly learningRate?: number;
  readonly stride?: number;
  readonly featureSets?: readonly string[];
  readonly budget?: number;
  readonly tries?: number;
  readonly out: string;
  readonly results: string;
  readonly check?: boolean;
  readonly json?: boolean;
}

/** `crpbot retrain`: train, evaluate, gate, adjust, until a model passes on validation; then one look at the test rows. */
export function retrainCommand(finish: (status: number) => void): Command {
  return new Command('retrain')
    .description('Train, look at validation, adjust, until a model of each symbol passes both gates there or the budget is spent; then evaluate what was chosen on the test rows, once.')
    .option('--candles <paths...>', '1-minute candle files or folders (default: data/candles, and the committed sample where that is empty)', paths)
    .option('--features <paths...>', 'feature files or folders (default: data/features)', paths)
    .option('--symbols <list>', 'only these, separated by commas (default: all there are)', commaSeparated)
    .option('--models <list>', `kinds it may choose from, the first to begin with (default: ${RETRAIN_DEFAULTS.models.join(',')})`, someOf(MODEL_KINDS))
    .option('--feature-sets <list>', `feature sets it may choose from (default: ${RETRAIN_DEFAULTS.featureSets.join(',')})`, commaSeparated)
    .option('--budget <minutes>', `minutes to search, counted anew where an interrupted search goes on (default: ${RETRAIN_DEFAULTS.budgetMinutes})`, numberBetween(0, 1e5))
    .option('--tries <n>', `most tries a symbol (default: ${RETRAIN_DEFAULTS.mostTrials})`, wholeNumber(1))
    .option('--epochs <n>', 'at most, of the first try (default: the kind’s)', wholeNumber(1))
    .option('--batch <n>', 'examples a step, of the first try (default: the kind’s)', wholeNumber(1))
    .option('--learning-rate <x>', 'highest, of the first try (default: the kind’s)', numberBetween(0, 1))
    .option('--stride <n>', 'an epoch takes every n-th window, the next one those after (default: the kind’s)', wholeNumber(1))
    .option('--accuracy-gate <x>', `least accuracy (default: ${DEFAULTS.accuracyGate})`, numberBetween(0, 1))
    .option('--calibration-gate <x>', `largest calibration error (default: ${DEFAULTS.calibrationGate})`, numberBetween(0, 1))
    .option('--horizon <n>', `rows from decision to outcome (default: ${DEFAULTS.horizon})`, wholeNumber(1))
    .option('--max-gap <minutes>', `minutes that may be missing in a window and up to its outcome, or any (default: ${DEFAULTS.maxGap})`, minutesOrAny)
    .addOption(choice('--device <name>', 'where to train (default: auto)', ['auto', 'cpu', 'gpu']))
    .addOption(choice('--precision <name>', 'as of train (default: mixed on a GPU, fp32 on a CPU)', ['fp32', 'mixed']))
    .option('--processes <n>', 'models trained side by side (default: one a core)', wholeNumber(1))
    .option('--seed <n>', 'of the search and of every training (default: 1)', wholeNumber(0, 2 ** 31 - 1))
    .option('--out <dir>', 'folder of the chosen models', onePath, RETRAIN_DEFAULTS.outDir)
    .option('--results <dir>', 'folder of the evaluation', onePath, RETRAIN_DEFAULTS.resultsDir)
    .option('--check', 'exit with status 3 when any gate failed on the test rows')
    .option('--json', 'print tries and evaluation as JSON')
    .action(async (flags: Flags) => {
      const session = openSession(flags.json === true);
      const made = new Map<string, SearchTrial[]>();
      try {
        const { budget, tries, out, results, symbols, featureSets, epochs, batch, learningRate, stride, check, json, ...options } = flags;
        const settings = Object.fromEntries(Object.entries({ epochs, batchSize: batch, learningRate, stride }).filter(([, value]) => value !== undefined));
        const run = await retrain(
          { ...options, budgetMinutes: budget, mostTrials: tries, outDir: out, resultsDir: results, symbols, featureSets, settings },
          {
            ...session.control,
            now: Date.now,
            onNote: onceEach((note) => session.note(`note: ${note}`)),
            onPlan: ({ symbols: planned, source }) => {
              for (const { symbol } of planned) made.set(symbol, []);
              session.print(`Retraining ${planned.map(({ symbol }) => symbol).join(', ')}: ${source}`);
            },
            onTrial: (symbol, trial) => {
              made.get(symbol)?.push(trial);
              session.print(trialLine(symbol, trial));
            },
            onFailed: (symbol, { number, change, error }) => session.print(`${symbol}  try ${number}: ${change ?? 'the start'}: failed: ${error.message}`),
          },
        );
        printRun(run, session);
        if (json === true) session.printJson(run.searches.map((search) => ({ ...search, failed: search.failed.map(({ error, ...rest }) => ({ ...rest, error: error.message })) })));
        finish(check === true && run.evaluation.run.models.some(({ gate }) => !gate.passed) ? EXIT.gateFailed : EXIT.ok);
      } catch (error) {
        if (error instanceof Error && error.name === 'AbortError') for (const line of interruptedLines(made)) session.note(line);
        throw error;
      } finally {
        session.close();
      }
    });
}

/** Every try reads the same data and would say the same of it. */
function onceEach(say: (text: string) => void): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (said.has(text)) return;
    said.add(text);
    say(text);
  };
}

function trialLine(symbol: string, { number, settings, change, answers, model, diagnosis }: SearchTrial): string {
  const [{ accuracy, baseline, logLoss, calibrationError }] = model.validation;
  const what = change === undefined ? `${settings.model} on ${settings.featureSet}` : `${change} (since the best ${answers === undefined ? '' : DIAGNOSIS_TEXT[answers]})`;
  return `${symbol}  try ${number}: ${what}: validation accuracy ${percent(accuracy)} (baseline ${percent(baseline)}), log loss ${logLoss.toFixed(4)}, calibration error ${percent(calibrationError)}, ${Math.round(model.seconds)} s: ${DIAGNOSIS_TEXT[diagnosis]}`;
}

/** What an interrupted search has, and how to go on. */
function interruptedLines(made: ReadonlyMap<string, readonly SearchTrial[]>): string[] {
  const lines = [...made].map(([symbol, trials]) => {
    if (trials.length === 0) return `${symbol}  no try was finished`;
    const { number, model } = trials[bestTrial(trials)];
    const [{ accuracy, logLoss }] = model.validation;
    return `${symbol}  ${trials.length} ${trials.length === 1 ? 'try was' : 'tries were'} finished; the best so far is try ${number}: validation accuracy ${percent(accuracy)}, log loss ${logLoss.toFixed(4)}: ${model.files[0]}`;
  });
  return lines.length === 0 ? [] : [...lines, 'note: the same command goes on from here; tries that are finished are not trained again, and the test rows were not looked at'];
}

const ENDED: Readonly<Record<SymbolSearch['ended'], string>> = {
  passed: 'passes on validation',
  budget: 'the budget is spent',
  exhausted: 'nothing new was left to try',
  trials: 'the tries are used up',
  failing: 'its last tries failed',
};

function printRun({ searches, evaluation }: RetrainRun, session: Session): void {
  for (const { symbol, trials, failed, best, ended, files } of searches) session.print(`${symbol}  ${ended === 'passed' ? ENDED.passed : `none passes, ${ENDED[ended]}`}: try ${trials[best].number} of ${trials.length + failed.length} is kept as ${files.join(', ')}`);
  const color = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  session.print('The test rows, looked at once:');
  session.print(renderTable(evaluation.run, { width: process.stdout.columns ?? 120, color }));
  for (const line of renderVerdicts(evaluation.run, { color })) session.print(line);
  session.print(`Results: ${evaluation.files.csv}`);
  session.print(`Report:  ${evaluation.files.report}`);
}
