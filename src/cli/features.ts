import { Command } from 'commander';
import { ALIGNMENTS, type Alignment } from '../features/feature-set.js';
import { FEATURE_SET_NAMES } from '../features/feature-sets.js';
import { computeFeatureFiles } from '../workflows/features.js';
import { choice, onePath, paths } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface Flags {
  readonly candles: readonly string[];
  readonly featureSet?: string;
  readonly alignment?: Alignment;
  readonly out: string;
  readonly json?: boolean;
}

/** `crpbot features`: candles to feature files, one a symbol, with what they are recorded beside them. */
export function featuresCommand(finish: (status: number) => void): Command {
  return new Command('features')
    .description('Compute features from 1-minute candles and write them to Parquet.')
    .requiredOption('--candles <paths...>', 'candle files or folders, <SYMBOL>_1m....parquet or .csv', paths)
    .addOption(choice('--feature-set <name>', 'which columns (default: v2-50)', FEATURE_SET_NAMES))
    .addOption(choice('--alignment <name>', 'how longer bars meet the minute; legacy ones see the future (default: causal)', ALIGNMENTS))
    .option('--out <dir>', 'folder to write to', onePath, 'data/features')
    .option('--json', 'print what was written as JSON')
    .action(async ({ out, json, ...options }: Flags) => {
      const session = openSession(json === true);
      try {
        const { files, ignored, notes } = await computeFeatureFiles({ ...options, outDir: out, ...session.control });
        for (const { file, reason } of ignored) session.note(`ignored ${file}: ${reason}`);
        for (const note of notes) session.note(`note: ${note}`);
        for (const { symbol, file, featureSet: set, rows, completeRows } of files) {
          session.print(`${symbol}  ${set.name} ${set.alignment}${set.leaky ? ' LEAKY' : ''}  ${rows} rows, ${completeRows} complete  ${file}`);
        }
        if (json === true) session.printJson(files);
        finish(EXIT.ok);
      } finally {
        session.close();
      }
    });
}
