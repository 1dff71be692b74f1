import { Command } from 'commander';
import { ensureWritable } from '../atomic-file.js';
import { percent } from '../number-text.js';
import type { TrainingSettings } from '../training/training-settings.js';
import { KIND_SETTINGS, MODEL_KINDS } from '../workflows/training/model-kinds.js';
import { BASELINE_KINDS } from '../workflows/training/baselines/train-baseline.js';
import { crossValidation, writeCrossValidation } from '../workflows/training/cross-validation.js';
import { FOLD_KINDS } from '../workflows/training/folds.js';
import { TRAIN_DEFAULTS, trainModels, type TrainOptions } from '../workflows/training/train.js';
import type { TrainedModel } from '../workflows/training/train-model.js';
import { taskLabel, taskName, type TrainOutcome } from '../workflows/training/train-processes.js';
import { MODEL_FORMATS } from '../workflows/training/write-model.js';
import { splitKinds, trainChosenBaselines, type ModelName } from './train-baselines.js';
import { crossValidationLines } from './cross-validation-lines.js';
import { choice, commaSeparated, minutesOrAny, numberBetween, onePath, paths, someOf, wholeNumber, wholeNumbers } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface Flags extends Omit<TrainOptions, 'settings' | 'symbols' | 'outDir' | 'model' | 'models' | 'foldKind'> {
  readonly model?: readonly ModelName[];
  readonly python?: string;
  readonly foldsKind?: TrainOptions['foldKind'];
  readonly results: string;
  readonly symbols?: readonly string[];
  readonly out: string;
  readonly epochs?: number;
  readonly batch?: number;
  readonly stride?: number;
  readonly learningRate?: number;
  readonly weightDecay?: number;
  readonly dropout?: number;
  readonly precision?: TrainOptions['precision'];
  readonly clipNorm?: number;
  readonly positiveWeight?: number;
  readonly patience?: number;
  readonly seed?: number;
  readonly calibration?: boolean;
  readonly json?: boolean;
}

/** A default by kind, for the help. */
function byKind(name: Exclude<keyof TrainingSettings, 'schedule'>): string {
  const values = MODEL_KINDS.map((kind) => String(KIND_SETTINGS[kind][name]));
  return new Set(values).size === 1 ? values[0] : MODEL_KINDS.map((kind, index) => `${kind} ${values[index]}`).join(', ');
}

/** `crpbot train`: a model a symbol, chosen on validation; the test rows are not looked at. */
export function trainCommand(finish: (status: number) => void): Command {
  return new Command('train')
    .description('Train a model a symbol on real TensorFlow: the first 70 % of the rows to learn from, the next 15 % to choose and calibrate, the rest is left for `evaluate`.')
    .option('--candles <paths...>', '1-minute candle files or folders (default: data/candles, and the committed sample where that is empty)', paths)
    .option('--features <paths...>', 'feature files or folders (default: data/features)', paths)
    .option('--symbols <list>', 'only these, separated by commas (default: all there are)', commaSeparated)
    .option('--model <list>', `what to train, one or more of ${MODEL_KINDS.join(',')}, and as baselines ${BASELINE_KINDS.join(',')} (default: ${TRAIN_DEFAULTS.model})`, someOf([...MODEL_KINDS, ...BASELINE_KINDS]))
    .option('--feature-set <name>', `what it reads: a set’s name, or a file of your own (default: ${TRAIN_DEFAULTS.featureSet})`, onePath)
    .option('--pool', 'one model of all symbols together')
    .addOption(choice('--device <name>', `where to train (default: ${TRAIN_DEFAULTS.device})`, ['auto', 'cpu', 'gpu']))
    .option('--queue <url>', 'have workers of this queue train (npx crpbot worker): redis://host:6379[/prefix]')
    .addOption(choice('--precision <name>', 'mixed: float16 matrix products with float32 weights and loss scaling (default: mixed on a GPU, fp32 on a CPU)', ['fp32', 'mixed']))
    .option('--processes <n>', 'models trained side by side (default: one a core)', wholeNumber(1))
    .option('--out <dir>', 'folder of the models', onePath, TRAIN_DEFAULTS.outDir)
    .option('--formats <list>', `what to write of ${MODEL_FORMATS.join(',')} (default: safetensors)`, someOf(MODEL_FORMATS))
    .option('--width <n>', 'units of an LSTM, width of a Transformer (default: 128), channels of a TCN (default: 48)', wholeNumber(1, 4096))
    .option('--layers <n>', 'layers (default: lstm 3, transformer 4, tcn 6)', wholeNumber(1, 24))
    .option('--window-length <n>', 'rows a window (default: lstm 60, transformer 100; a TCN’s follows from its layers)', wholeNumber(2))
    .option('--horizon <n>', 'rows from decision to outcome (default: 15)', wholeNumber(1))
    .option('--embargo <n>', 'rows dropped between the splits (default: window length + horizon)', wholeNumber(0))
    .option('--max-gap <minutes>', 'minutes that may be missing in a window and up to its outcome, or any (default: 0)', minutesOrAny)
    .option('--epochs <n>', `at most (default: ${byKind('epochs')})`, wholeNumber(1))
    .option('--batch <n>', `examples a step (default: ${byKind('batchSize')})`, wholeNumber(1))
    .option('--stride <n>', `an epoch takes every n-th window, the next one those after (default: ${byKind('stride')})`, wholeNumber(1))
    .option('--learning-rate <x>', `highest (default: ${byKind('learningRate')})`, numberBetween(0, 1))
    .option('--weight-decay <x>', `of AdamW (default: ${byKind('weightDecay')})`, numberBetween(0, 10))
    .option('--dropout <x>', `share of units set to zero (default: ${byKind('dropout')})`, numberBetween(0, 0.95))
    .option('--clip-norm <x>', `longest gradient (default: ${byKind('clipNorm')})`, numberBetween(0, 1e9))
    .option('--positive-weight <x>', 'what an up label counts against a down label (default: 1)', numberBetween(0, 1e6))
    .option('--patience <n>', `epochs without a better validation loss before it stops (default: ${byKind('patience')})`, wholeNumber(1))
    .option('--seed <n>', 'the same seed gives the same weights on one device (default: 1)', wholeNumber(0, 2 ** 31 - 1))
    .option('--seeds <list>', 'every model once a seed: 1,2,3', wholeNumbers(0, 2 ** 31 - 1))
    .option('--folds <n>', 'cross-validate over the rows before the test split, in so many folds, instead of training models for use', wholeNumber(2, 1000))
    .addOption(choice('--folds-kind <name>', 'tested on what follows, or on every block by both sides of it (default: walk-forward)', FOLD_KINDS))
    .option('--results <dir>', 'folder of the table of folds', onePath, 'results')
    .option('--python <command>', 'the Python with LightGBM that trains boosting (default: the active environment’s, .venv’s, python3)', onePath)
    .option('--no-calibration', 'leave the probabilities as they were trained (default: Platt’s map, fitted on validation)')
    .option('--json', 'print what was trained as JSON')
    .action(async (flags: Flags) => {
      const session = openSession(flags.json === true);
      try {
        // Hours of folds should not end in "is not a folder".
        if (flags.folds !== undefined) ensureWritable(flags.results);
        const { networks, baselines } = splitKinds(flags.model);
        const simple = baselines.length === 0 ? [] : await trainChosenBaselines(baselines, flags, session);
        const { outcomes } = networks?.length === 0 ? { outcomes: [] } : await trainModels(optionsOf(flags, networks), {
          ...session.control,
          onNote: onceEach((note) => session.note(`note: ${note}`)),
          onPlan: (plan, tasks) => {
            for (const ignored of plan.ignored) session.note(`ignored ${ignored}`);
            session.print(`Training ${tasks.length} ${[...new Set(tasks.map(({ model }) => model))].join(' and ')} model${tasks.length === 1 ? '' : 's'}${tasks[0].fold === undefined ? '' : ` in ${tasks[0].fold.folds} ${tasks[0].fold.kind} folds`} of ${plan.symbols.map(({ symbol }) => symbol).join(', ')} on ${tasks[0].featureSet}: ${plan.source}`);
          },
        });
        const table = crossValidation(outcomes, simple);
        if (table === undefined) for (const outcome of outcomes) if ('model' in outcome) for (const line of trainedLines(outcome.model)) session.print(line);
        if (table !== undefined) for (const line of [...crossValidationLines(table), ...writeCrossValidation(flags.results, table)]) session.print(line);
        if (flags.json === true) session.printJson(table ?? [...simple, ...outcomes.map((outcome) => ('model' in outcome ? outcome.model : { symbol: taskName(outcome.task), error: outcome.error.message }))]);
        throwFirstFailure(outcomes);
        finish(EXIT.ok);
      } catch (error) {
        if (error instanceof Error && error.name === 'AbortError') session.note('note: the same command goes on after the last epoch that was finished');
        throw error;
      } finally {
        session.close();
      }
    });
}

function optionsOf({ symbols, out, foldsKind, calibration, epochs, batch, stride, learningRate, weightDecay, dropout, clipNorm, positiveWeight, patience, seed, ...options }: Omit<Flags, 'model' | 'python'>, networks: TrainOptions['models']): TrainOptions {
  const settings = { epochs, batchSize: batch, stride, learningRate, weightDecay, dropout, clipNorm, positiveWeight, patience, seed };
  return {
    ...options,
    models: networks,
    foldKind: foldsKind,
    outDir: out,
    calibrate: calibration,
    symbols,
    settings: Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
  };
}

function trainedLines(model: TrainedModel): string[] {
  const { best, curve, stopped, resumedAfter } = model;
  const rate = model.windowsPerSecond === undefined ? '' : `, ${Math.round(model.windowsPerSecond).toLocaleString('en')} examples a second`;
  const resumed = resumedAfter === 0 ? '' : `, went on after epoch ${resumedAfter}`;
  return [
    `${model.symbol}  ${model.model}  best epoch ${best.epoch} of ${curve.length} (${stopped === 'patience' ? 'no better since' : 'all epochs done'}${resumed})  ${model.engine}, ${Math.round(model.seconds)} s${rate}`,
    ...model.validation.map(({ symbol, accuracy, baseline, logLoss, calibrationError }) => `  validation ${symbol}: accuracy ${percent(accuracy)} (baseline ${percent(baseline)}), log loss ${logLoss.toFixed(4)}, calibration error ${percent(calibrationError)}; try ${model.trials} on record`),
    ...model.files.map((file) => `  ${file}`),
  ];
}

function throwFirstFailure(outcomes: readonly TrainOutcome[]): void {
  const failed = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome] : []));
  if (failed.length === 0) return;
  for (const { task, error } of failed.slice(1)) process.stderr.write(`${taskLabel(task)}: ${error.message}\n`);
  throw failed[0].error;
}

/** Tasks that read the same data would all say the same of it. */
function onceEach(say: (text: string) => void): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (!said.has(text)) say(text);
    said.add(text);
  };
}
