import { Command } from 'commander';
import { InputError } from '../errors.js';
import type { TrainingSettings } from '../training/training-settings.js';
import { KIND_SETTINGS, MODEL_KINDS } from '../workflows/training/model-kinds.js';
import { TRAIN_DEFAULTS, trainModels, type TrainOptions } from '../workflows/training/train.js';
import type { TrainedModel } from '../workflows/training/train-model.js';
import type { TrainOutcome } from '../workflows/training/train-processes.js';
import { MODEL_FORMATS, type ModelFormat } from '../workflows/training/write-model.js';
import { choice, minutesOrAny, numberBetween, onePath, paths, wholeNumber } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface Flags extends Omit<TrainOptions, 'settings' | 'symbols' | 'outDir' | 'formats'> {
  readonly symbols?: string;
  readonly out: string;
  readonly epochs?: number;
  readonly batch?: number;
  readonly learningRate?: number;
  readonly weightDecay?: number;
  readonly dropout?: number;
  readonly clipNorm?: number;
  readonly positiveWeight?: number;
  readonly patience?: number;
  readonly seed?: number;
  readonly formats?: string;
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
    .option('--symbols <list>', 'only these, separated by commas (default: all there are)')
    .addOption(choice('--model <kind>', `what to train (default: ${TRAIN_DEFAULTS.model})`, MODEL_KINDS))
    .option('--feature-set <name>', `what it reads: a set’s name, or a file of your own (default: ${TRAIN_DEFAULTS.featureSet})`, onePath)
    .option('--pool', 'one model of all symbols together')
    .addOption(choice('--device <name>', `where to train (default: ${TRAIN_DEFAULTS.device})`, ['auto', 'cpu', 'gpu']))
    .option('--processes <n>', 'models trained side by side (default: one a core)', wholeNumber(1))
    .option('--out <dir>', 'folder of the models', onePath, TRAIN_DEFAULTS.outDir)
    .option('--formats <list>', `what to write of ${MODEL_FORMATS.join(',')} (default: safetensors)`)
    .option('--width <n>', 'units of an LSTM, width of a Transformer (default: 128), channels of a TCN (default: 48)', wholeNumber(1, 4096))
    .option('--layers <n>', 'layers (default: lstm 3, transformer 4, tcn 6)', wholeNumber(1, 24))
    .option('--window-length <n>', 'rows a window (default: lstm 60, transformer 100; a TCN’s follows from its layers)', wholeNumber(2))
    .option('--horizon <n>', 'rows from decision to outcome (default: 15)', wholeNumber(1))
    .option('--embargo <n>', 'rows dropped between the splits (default: window length + horizon)', wholeNumber(0))
    .option('--max-gap <minutes>', 'minutes that may be missing in a window and up to its outcome, or any (default: 0)', minutesOrAny)
    .option('--epochs <n>', `at most (default: ${byKind('epochs')})`, wholeNumber(1))
    .option('--batch <n>', `examples a step (default: ${byKind('batchSize')})`, wholeNumber(1))
    .option('--learning-rate <x>', `highest (default: ${byKind('learningRate')})`, numberBetween(0, 1))
    .option('--weight-decay <x>', `of AdamW (default: ${byKind('weightDecay')})`, numberBetween(0, 10))
    .option('--dropout <x>', `share of units set to zero (default: ${byKind('dropout')})`, numberBetween(0, 0.95))
    .option('--clip-norm <x>', `longest gradient (default: ${byKind('clipNorm')})`, numberBetween(0, 1e9))
    .option('--positive-weight <x>', 'what an up label counts against a down label (default: 1)', numberBetween(0, 1e6))
    .option('--patience <n>', `epochs without a better validation loss before it stops (default: ${byKind('patience')})`, wholeNumber(1))
    .option('--seed <n>', 'the same seed gives the same weights on one device (default: 1)', wholeNumber(0, 2 ** 31 - 1))
    .option('--no-calibration', 'leave the probabilities as they were trained (default: Platt’s map, fitted on validation)')
    .option('--json', 'print what was trained as JSON')
    .action(async (flags: Flags) => {
      const session = openSession(flags.json === true);
      try {
        const { outcomes } = await trainModels(optionsOf(flags), {
          ...session.control,
          onNote: (note) => session.note(`note: ${note}`),
          onPlan: (plan, tasks) => {
            for (const ignored of plan.ignored) session.note(`ignored ${ignored}`);
            session.print(`Training ${tasks.length} ${tasks[0].model} model${tasks.length === 1 ? '' : 's'} of ${plan.symbols.map(({ symbol }) => symbol).join(', ')} on ${tasks[0].featureSet}: ${plan.source}`);
          },
        });
        for (const outcome of outcomes) if ('model' in outcome) for (const line of trainedLines(outcome.model)) session.print(line);
        if (flags.json === true) session.printJson(outcomes.map((outcome) => ('model' in outcome ? outcome.model : { symbol: outcome.task.symbols.map(({ symbol }) => symbol).join('+'), error: outcome.error.message })));
        throwFirstFailure(outcomes);
        finish(EXIT.ok);
      } finally {
        session.close();
      }
    });
}

function optionsOf({ symbols, out, formats, calibration, epochs, batch, learningRate, weightDecay, dropout, clipNorm, positiveWeight, patience, seed, ...options }: Flags): TrainOptions {
  const settings = { epochs, batchSize: batch, learningRate, weightDecay, dropout, clipNorm, positiveWeight, patience, seed };
  return {
    ...options,
    outDir: out,
    calibrate: calibration,
    symbols: symbols?.split(',').map((each) => each.trim()),
    formats: formats === undefined ? undefined : formatsOf(formats),
    settings: Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
  };
}

function formatsOf(text: string): ModelFormat[] {
  const formats = text.split(',').map((each) => each.trim());
  const known = formats.filter((each): each is ModelFormat => (MODEL_FORMATS as readonly string[]).includes(each));
  if (known.length === formats.length) return known;
  throw new InputError(`--formats ${text}: there are ${MODEL_FORMATS.join(', ')}`, { code: 'unknown-format', hint: 'name one or more of them, separated by commas' });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
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
  for (const { task, error } of failed.slice(1)) process.stderr.write(`${task.symbols.map(({ symbol }) => symbol).join(', ')}: ${error.message}\n`);
  throw failed[0].error;
}
