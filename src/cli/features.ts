import { Command } from 'commander';
import { ALIGNMENTS, type Alignment } from '../features/feature-set.js';
import { computeFeatureFiles, type FeatureFile } from '../workflows/features.js';
import { choice, onePath, paths, wholeNumber } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface Flags {
  readonly candles: readonly string[];
  readonly featureSet?: string;
  readonly alignment?: Alignment;
  readonly out: string;
  readonly workers?: number;
  readonly queue?: string;
  readonly json?: boolean;
}

/** `crpbot features`: candles to feature files, one a symbol, with what they are recorded beside them. */
export function featuresCommand(finish: (status: number) => void): Command {
  return new Command('features')
    .description('Compute features from 1-minute candles and write them to Parquet; of a candle store by month, only what changed.')
    .requiredOption('--candles <paths...>', 'candle files or folders, <SYMBOL>_1m....parquet or .csv', paths)
    .option('--feature-set <name>', 'which columns: a set’s name, or a file of your own, ./my-features.ts (default: v2-50)')
    .addOption(choice('--alignment <name>', 'how longer bars meet the minute; legacy ones see the future (default: causal)', ALIGNMENTS))
    .option('--out <dir>', 'folder to write to', onePath, 'data/features')
    .option('--workers <n>', 'symbols computed side by side (default: the number of cores)', wholeNumber(1))
    .option('--queue <url>', 'have workers of this queue do it (npx crpbot worker): redis://host:6379[/prefix]')
    .option('--json', 'print what was written as JSON')
    .action(async ({ out, json, ...options }: Flags) => {
      const session = openSession(json === true);
      try {
        const printFile = ({ symbol, file, featureSet: set, rows, completeRows, months }: FeatureFile): void => {
          session.print(`${symbol}  ${set.name} ${set.alignment}${set.leaky ? ' LEAKY' : ''}  ${rows} rows, ${completeRows} complete${months === undefined ? '' : `, ${months.computed} of ${months.total} months computed`}  ${file}`);
        };
        const onPartial = (done: readonly FeatureFile[]): void => done.forEach(printFile);
        const { files, ignored, notes } = await computeFeatureFiles({ ...options, outDir: out, ...session.control, onNote: (note) => session.note(note), onPartial });
        for (const { file, reason } of ignored) session.note(`ignored ${file}: ${reason}`);
        for (const note of notes) session.note(`note: ${note}`);
        files.forEach(printFile);
        if (json === true) session.printJson(files);
        finish(EXIT.ok);
      } finally {
        session.close();
      }
    });
}
