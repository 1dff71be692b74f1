import { Command } from 'commander';
import { CALIBRATION_METHODS } from '../evaluation/probability-calibration.js';
import { ALIGNMENTS } from '../features/feature-set.js';
import { buildEnsembles, type BuiltEnsemble, type EnsembleOptions } from '../workflows/ensemble/build-ensemble.js';
import type { SplitFigures } from '../workflows/ensemble/ensemble-file.js';
import { WEIGHT_RULES } from '../workflows/ensemble/member-weights.js';
import { DEFAULTS, LARGEST_BATCH } from '../workflows/evaluate-options.js';
import { loadFeatureSet } from '../workflows/load-feature-set.js';
import { choice, minutesOrAny, numberBetween, onePath, paths, wholeNumber } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface Flags extends Omit<EnsembleOptions, 'models' | 'outDir'> {
  readonly out: string;
  readonly json?: boolean;
}

/** `crpbot ensemble`: several models of a symbol as one, weighed and calibrated on validation. */
export function ensembleCommand(finish: (status: number) => void): Command {
  return new Command('ensemble')
    .description('Make one model of several: their weighted mean. Weights and calibration are fitted on the validation rows; the test rows are left for `evaluate`.')
    .argument('[models...]', 'model files or folders (default: models/new)')
    .option('--candles <paths...>', '1-minute candle files or folders (default: data/candles, where no data is named)', paths)
    .option('--features <paths...>', 'feature files or folders (default: data/features, where no data is named)', paths)
    .addOption(choice('--weights <rule>', 'fitted: of the least validation log loss; v3: the original’s 0.35 LSTM and 0.40 Transformer (default: fitted)', WEIGHT_RULES))
    .addOption(choice('--calibration <method>', 'of the mixture, fitted on validation (default: none)', CALIBRATION_METHODS))
    .option('--conservative-bias <share>', 'draws P(up) to 0.5 by this share (default: 0)', numberBetween(0, 1))
    .option('--feature-set <name>', 'what models read that do not say it: a set’s name, or a file of your own', onePath)
    .addOption(choice('--alignment <name>', `and with which alignment (default: ${DEFAULTS.alignment})`, ALIGNMENTS))
    .option('--horizon <n>', `and how far ahead they look, rows (default: ${DEFAULTS.horizon})`, wholeNumber(1))
    .option('--embargo <n>', 'rows dropped between training and validation (default: window length + horizon)', wholeNumber(0))
    .option('--max-gap <minutes>', `minutes that may be missing in a window and up to its outcome, or any (default: ${DEFAULTS.maxGap})`, minutesOrAny)
    .addOption(choice('--engine <name>', `what runs the models (default: ${DEFAULTS.engine})`, ['auto', 'onnx', 'tensorflow']))
    .addOption(choice('--device <name>', `where it runs (default: ${DEFAULTS.device})`, ['auto', 'cpu', 'gpu']))
    .option('--batch <n>', 'windows a run of the engine', wholeNumber(1, LARGEST_BATCH))
    .option('--threads <n>', 'cores to score on (default: all)', wholeNumber(1))
    .option('--out <dir>', 'folder of the ensembles', onePath, 'models/new')
    .option('--json', 'print what was built as JSON')
    .action(async (models: readonly string[], { out, json, featureSet, ...options }: Flags) => {
      const session = openSession(json === true);
      try {
        const named = featureSet === undefined ? undefined : (await loadFeatureSet(featureSet)).set.name;
        const built = await buildEnsembles({ ...options, models, featureSet: named, outDir: out }, {
          ...session.control,
          onNote: (note) => session.note(`note: ${note}`),
          onPlan: (plan) => {
            for (const warning of plan.warnings) session.note(`warning: ${warning}`);
            session.print(`Mixing ${plan.symbols.map(({ symbol, models: files }) => `${files.length} models of ${symbol}`).join(', ')}: ${plan.source}`);
          },
        });
        for (const each of built) for (const line of linesOf(each)) session.print(line);
        if (json === true) session.printJson(built);
        finish(EXIT.ok);
      } finally {
        session.close();
      }
    });
}

function linesOf({ symbol, file, content, scored, mean, upLogLoss }: BuiltEnsemble): string[] {
  const { validation, calibration, conservativeBias } = content;
  const total = content.members.reduce((sum, { weight }) => sum + weight, 0);
  const changed = [calibration?.method ?? [], conservativeBias === 0 ? [] : `bias ${conservativeBias}`].flat();
  return [
    `${symbol}  on ${validation.windows.toLocaleString('en')} validation windows (always the share of up: log loss ${upLogLoss.toFixed(4)})`,
    ...scored.map((each) => `  ${figures(each)}  weight ${(each.weight / total).toFixed(3)}  ${each.model}${each.weight === 0 ? '  (left out)' : ''}`),
    `  ${figures(mean)}  their weighted mean`,
    ...(changed.length === 0 ? [] : [`  ${figures(validation)}  with ${changed.join(' and ')}, on the windows it was fitted on`]),
    `  ${file}`,
  ];
}

function figures({ logLoss, accuracy, calibrationError }: SplitFigures): string {
  return `log loss ${logLoss.toFixed(4)}  accuracy ${(100 * accuracy).toFixed(1)} %  calibration error ${(100 * calibrationError).toFixed(1)} %`;
}
