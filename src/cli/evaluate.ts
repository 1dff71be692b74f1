import { Command } from 'commander';
import { ALIGNMENTS } from '../features/feature-set.js';
import { resultsJson } from '../report/results-json.js';
import type { RunResult } from '../report/run-result.js';
import { renderCausalScores, renderPooled, renderTable, renderVerdicts } from '../report/terminal.js';
import { evaluate, type EvaluateRun } from '../workflows/evaluate.js';
import { DEFAULTS, LARGEST_BATCH, type EvaluateOptions } from '../workflows/evaluate-options.js';
import type { EvaluationPlan } from '../workflows/evaluation-plan.js';
import { choice, minutesOrAny, numberBetween, onePath, paths, wholeNumber } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession, type Session } from './session.js';

interface Flags extends EvaluateOptions {
  readonly check?: boolean;
  readonly json?: boolean;
}

/** Of files that were ignored, how many are named. */
const IGNORED_SHOWN = 20;

/** `crpbot evaluate`: existing models on candles or features, to evaluation_results.csv and a report. */
export function evaluateCommand(finish: (status: number) => void): Command {
  return new Command('evaluate')
    .description('Evaluate existing models: .pt, .safetensors, .onnx or an ensemble’s .json, on candles or ready-made features.')
    .option('--models <paths...>', 'model files or folders (default: models/new; the committed sample where that or both data folders are empty)', paths)
    .option('--features <paths...>', 'feature files or folders, features_<SYMBOL>...parquet (default: data/features, where no data is named)', paths)
    .option('--candles <paths...>', '1-minute candle files or folders, <SYMBOL>_1m....parquet or .csv (default: data/candles, where no data is named)', paths)
    .option('--feature-set <name>', 'what the models read: a set’s name, or a file of your own, ./my-features.ts (default: by number of inputs)', onePath)
    .addOption(choice('--alignment <name>', `how longer bars meet the minute; legacy ones see the future (default: ${DEFAULTS.alignment})`, ALIGNMENTS))
    .addOption(choice('--split <part>', `rows to score (default: ${DEFAULTS.split})`, ['test', 'all']))
    .option('--out <dir>', 'folder of the results', onePath, DEFAULTS.out)
    .addOption(choice('--engine <name>', `what runs the models (default: ${DEFAULTS.engine})`, ['auto', 'onnx', 'tensorflow']))
    .addOption(choice('--device <name>', `where it runs (default: ${DEFAULTS.device})`, ['auto', 'cpu', 'gpu']))
    .addOption(choice('--precision <name>', 'int8 screens faster and decides no gate (default: fp32)', ['fp32', 'int8']))
    .option('--batch <n>', 'windows a run of the engine', wholeNumber(1, LARGEST_BATCH))
    .option('--threads <n>', 'cores to score on (default: all)', wholeNumber(1))
    .option('--embargo <n>', 'rows dropped between training and test (default: window length + horizon)', wholeNumber(0))
    .option('--max-gap <minutes>', `minutes that may be missing in a window and up to its outcome, or any (default: ${DEFAULTS.maxGap})`, minutesOrAny)
    .option('--predictions', 'also write predictions_<model>.parquet (timestamp, p, label)')
    .addOption(choice('--window-mode <name>', `repo: the window ends at the decision; notebook: one row before (default: ${DEFAULTS.windowMode})`, ['repo', 'notebook']))
    .option('--window-length <n>', 'rows a window (default: 60, Transformers 100)', wholeNumber(1))
    .option('--horizon <n>', `rows from decision to outcome (default: ${DEFAULTS.horizon})`, wholeNumber(1))
    .addOption(choice('--head <name>', 'read the LSTM with this head (default: by the weights’ names)', ['final-hidden', 'last-step']))
    .option('--heads <n>', 'attention heads of a Transformer (default: 8 for model size 128)', wholeNumber(1))
    .option('--spread-bps <x>', `cost of entry in the simulated trades (default: ${DEFAULTS.spreadBps})`, numberBetween(0, 1000))
    .option('--slippage-bps <x>', `and on top of it (default: ${DEFAULTS.slippageBps})`, numberBetween(0, 1000))
    .option('--accuracy-gate <x>', `least accuracy (default: ${DEFAULTS.accuracyGate})`, numberBetween(0, 1))
    .option('--calibration-gate <x>', `largest calibration error (default: ${DEFAULTS.calibrationGate})`, numberBetween(0, 1))
    .option('--seed <n>', 'of the bootstrap and the shuffled-label check', wholeNumber(0))
    .option('--check', 'exit with status 3 when any gate failed')
    .option('--json', 'print the results as JSON on standard output')
    .action(async (flags: Flags) => {
      const { check, json, ...options } = flags;
      const session = openSession(json === true);
      try {
        const outcome = await evaluate(options, { ...session.control, now: Date.now(), onPlan: (plan) => printPlan(plan, session) });
        printOutcome(outcome, session, json === true);
        finish(check === true && outcome.run.models.some(({ gate }) => !gate.passed) ? EXIT.gateFailed : EXIT.ok);
      } finally {
        session.close();
      }
    });
}

function printPlan(plan: EvaluationPlan, session: Session): void {
  const models = plan.symbols.reduce((sum, symbol) => sum + symbol.models.length, 0);
  session.print(`Evaluating ${models} model${models === 1 ? '' : 's'} of ${plan.symbols.map(({ symbol }) => symbol).join(', ')}: ${plan.source}`);
  if (plan.ignored.length > 0) {
    session.note(`ignored ${plan.ignored.length} file${plan.ignored.length === 1 ? '' : 's'}:`);
    for (const file of plan.ignored.slice(0, IGNORED_SHOWN)) session.note(`  ${file}`);
    if (plan.ignored.length > IGNORED_SHOWN) session.note(`  and ${plan.ignored.length - IGNORED_SHOWN} more`);
  }
}

/** Models by what was assumed of them, so that a sentence that holds for all is said once. */
function assumptions(run: RunResult): Map<string, string> {
  const groups = new Map<string, string[]>();
  for (const { assumed, model } of run.models) {
    if (assumed.length > 0) groups.set(assumed.join('; '), [...(groups.get(assumed.join('; ')) ?? []), model]);
  }
  return new Map([...groups].map(([assumed, models]) => [assumed, models.length === run.models.length && models.length > 1 ? `all ${models.length} models` : models.join(', ')]));
}

function printOutcome({ run, files, predictions }: EvaluateRun, session: Session, json: boolean): void {
  for (const warning of [...run.warnings, ...run.models.flatMap((model) => model.warnings.map((text) => `${model.model}: ${text}`))]) session.note(`warning: ${warning}`);
  if (json) {
    session.printJson(JSON.parse(resultsJson(run)));
    return;
  }
  const color = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  const width = process.stdout.columns ?? 120;
  session.print(renderTable(run, { width, color }));
  for (const line of [...renderVerdicts(run, { color }), ...renderCausalScores(run)]) session.print(line);
  const pooled = renderPooled(run);
  if (pooled !== undefined) session.print(pooled);
  for (const [assumed, models] of assumptions(run)) session.print(`ASSUMED, since no file says it (${models}): ${assumed}`);
  for (const model of run.models) {
    if (model.agreement !== undefined) {
      const { windows, equalDecisions, maxDifference } = model.agreement;
      session.print(`${model.model}: int8 decides as fp32 in ${(100 * equalDecisions).toFixed(2)} % of ${windows} windows, max |dp| ${maxDifference.toFixed(4)}`);
    }
  }
  const engines = [...new Set(run.models.map(({ engine, precision }) => `${engine} ${precision}`))].join(', ');
  const [windows, seconds] = [run.models.reduce((sum, { evaluation }) => sum + evaluation.windows, 0), run.models.reduce((sum, model) => sum + model.seconds, 0)];
  session.print(`Scored ${windows.toLocaleString('en')} windows in ${seconds.toFixed(1)} s (${Math.round(windows / seconds).toLocaleString('en')} a second) on ${engines}.`);
  session.print(`Results: ${files.csv}`);
  session.print(`Report:  ${files.report}`);
  for (const file of predictions) session.print(`Predictions: ${file}`);
  if (files.historySetAside !== undefined) session.note(`an older history with other columns was set aside: ${files.historySetAside}`);
}
