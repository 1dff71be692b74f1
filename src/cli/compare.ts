import { Command, InvalidArgumentError } from 'commander';
import { ALIGNMENTS } from '../features/feature-set.js';
import { renderComparison } from '../report/comparison/terminal.js';
import { compareModels, COMPARED_COSTS_BPS, type CompareOptions, type CompareRun } from '../workflows/compare.js';
import { DEFAULTS, LARGEST_BATCH } from '../workflows/evaluate-options.js';
import { choice, commaSeparated, minutesOrAny, numberBetween, onePath, paths, wholeNumber } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession, type Session } from './session.js';

interface Flags extends Omit<CompareOptions, 'costsBps'> {
  readonly costs?: readonly number[];
  readonly json?: boolean;
}

const costs = (text: string): readonly number[] => {
  try {
    return commaSeparated(text).map(numberBetween(0, 1000));
  } catch {
    throw new InvalidArgumentError('It must be numbers from 0 to 1000, separated by commas.');
  }
};

/** `crpbot compare`: several models of a symbol on the same windows, to compare.csv and compare.html. */
export function compareCommand(finish: (status: number) => void): Command {
  return new Command('compare')
    .description('Compare models of a symbol on the same test windows: how right, how honest, what they would earn by costs, how fast.')
    .argument('[models...]', 'model files or folders, ensembles too (default: models/new)')
    .option('--features <paths...>', 'feature files or folders (default: data/features, where no data is named)', paths)
    .option('--candles <paths...>', '1-minute candle files or folders (default: data/candles, where no data is named)', paths)
    .option('--symbols <list>', 'BTC-USD,ETH-USD (default: all that have two models or more)', commaSeparated)
    .option('--against <model>', 'the model the others are held against: its short name or its file (default: a baseline where there is one, else the first)')
    .option('--costs <bps>', `spread and slippage together at which trades are simulated (default: ${COMPARED_COSTS_BPS.join(',')})`, costs)
    .option('--feature-set <name>', 'what models read that do not say it: a set’s name, or a file of your own', onePath)
    .addOption(choice('--alignment <name>', `and with which alignment (default: ${DEFAULTS.alignment})`, ALIGNMENTS))
    .option('--horizon <n>', `and how far ahead they look, rows (default: ${DEFAULTS.horizon})`, wholeNumber(1))
    .option('--embargo <n>', 'rows dropped before the test rows (default: window length + horizon of each)', wholeNumber(0))
    .option('--max-gap <minutes>', `minutes that may be missing in a window and up to its outcome, or any (default: ${DEFAULTS.maxGap})`, minutesOrAny)
    .addOption(choice('--engine <name>', `what runs the models (default: ${DEFAULTS.engine})`, ['auto', 'onnx', 'tensorflow']))
    .addOption(choice('--device <name>', `where it runs (default: ${DEFAULTS.device})`, ['auto', 'cpu', 'gpu']))
    .option('--batch <n>', 'windows a run of the engine', wholeNumber(1, LARGEST_BATCH))
    .option('--threads <n>', 'cores to score on (default: all)', wholeNumber(1))
    .option('--seed <n>', 'of the bootstrap', wholeNumber(0))
    .option('--out <dir>', 'folder of the results', onePath, DEFAULTS.out)
    .option('--json', 'print both tables as JSON on standard output')
    .action(async (models: readonly string[], { json, costs: costsBps, ...options }: Flags) => {
      const session = openSession(json === true);
      try {
        const run = await compareModels({ ...options, models, costsBps }, {
          ...session.control,
          now: Date.now(),
          onPlan: (plan) => session.print(`Comparing ${plan.symbols.map(({ symbol, models: files }) => `${files.length} models of ${symbol}`).join(', ')}: ${plan.source}`),
        });
        printRun(run, session, json === true);
        finish(EXIT.ok);
      } finally {
        session.close();
      }
    });
}

function printRun({ comparison, files }: CompareRun, session: Session, json: boolean): void {
  const warned = comparison.symbols.flatMap(({ symbol, models }) => models.flatMap(({ name, warnings }) => warnings.map((warning) => `${symbol} ${name}: ${warning}`)));
  for (const warning of [...comparison.warnings, ...warned]) session.note(`warning: ${warning}`);
  if (json) {
    // Without the windows one by one: `evaluate --predictions` writes those.
    session.printJson({ ...comparison, symbols: comparison.symbols.map((of) => ({ ...of, models: of.models.map((model) => ({ ...model, scored: undefined })) })), files });
    return;
  }
  session.print(renderComparison(comparison));
  session.print(`Results: ${files.csv}`);
  session.print(`Report:  ${files.report}`);
}
