import { Command, InvalidArgumentError } from 'commander';
import { FINDING_KINDS } from '../candles/quality/finding.js';
import { CERTAIN_KINDS, isRepairKind, REPAIR_KINDS } from '../candles/repair/repair.js';
import type { RepairKind } from '../candles/repair/repair.js';
import { repairText } from '../candles/repair/repair-record.js';
import { count, minuteText } from '../number-text.js';
import { repairData } from '../workflows/repair-data.js';
import type { RepairedSeries } from '../workflows/repair-data.js';
import { onePath, paths, wholeNumber } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface Flags {
  readonly out?: string;
  readonly apply?: readonly RepairKind[];
  readonly shift?: number;
  readonly fillGaps?: number;
  readonly json?: boolean;
}

const kindsHelp = (Object.keys(REPAIR_KINDS) as RepairKind[]).map((kind) => `  ${kind.padEnd(20)} ${REPAIR_KINDS[kind].certain ? 'certain ' : 'if named'}  ${REPAIR_KINDS[kind].does}`).join('\n');

/** `crpbot data repair`: what is certainly wrong, mended in a copy; each change on record. */
export function repairCommand(finish: (status: number) => void): Command {
  return new Command('repair')
    .description('Repair candles into a store of their own, and record each change beside them. Without --out: say what would be done.')
    .argument('<paths...>', 'candle files or folders, <SYMBOL>_1m....parquet or .csv, or a store', paths)
    .option('--out <dir>', 'folder of the repaired store; never the source', onePath)
    .option('--apply <kinds>', 'what to repair, separated by commas; certain: all that is (default: certain); none', kindList)
    .option('--shift <time>', 'add this to all times first: -60m, 30s, 1h', shiftTime)
    .option('--fill-gaps <minutes>', 'fill gaps of up to so many minutes with flat candles without volume (default: 0, none)', wholeNumber(0, 1440))
    .option('--json', 'print the records as JSON')
    .addHelpText('after', `\nKinds of --apply:\n${kindsHelp}`)
    .action(async (given: readonly string[], { out, apply, shift, fillGaps, json }: Flags) => {
      const session = openSession(json === true);
      try {
        const { series, ignored, notes } = await repairData({ paths: given, out, apply, shiftMs: shift, fillGapMinutes: fillGaps, ...session.control });
        for (const { file, reason } of ignored) session.note(`ignored ${file}: ${reason}`);
        for (const note of notes) session.note(`note: ${note}`);
        for (const each of series) session.print(seriesText(each));
        if (out === undefined) session.note('nothing was written: name a folder with --out DIR');
        if (json === true) session.printJson(series.map(({ record, summary, undecided, folder }) => ({ folder: folder ?? null, summary, undecided, record })));
        finish(series.some(({ undecided }) => undecided.length > 0) ? EXIT.input : EXIT.ok);
      } finally {
        session.close();
      }
    });
}

function seriesText({ name, record, summary, undecided, folder }: RepairedSeries): string {
  const { rowsBefore, rowsAfter, remaining } = record;
  const when = (time: number | null): string => (time === null || !Number.isFinite(time) ? 'no time' : minuteText(time));
  const left = (kind: keyof typeof FINDING_KINDS, from: number, values: string, why: string): string => `  ${why}: ${FINDING_KINDS[kind].title}, ${when(from)}: ${values}`;
  return [
    `${name}  ${count(rowsBefore)} rows${undecided.length > 0 ? '' : `, ${count(rowsAfter)} after`}  ${repairText(summary)}${folder === undefined ? '' : `  ${folder}`}`,
    ...undecided.slice(0, mostListed).map(({ kind, from, values }) => left(kind, from, values, 'undecided')),
    ...remaining.slice(0, mostListed).map(({ kind, from, values }) => left(kind, from, values, 'not repaired')),
  ].join('\n');
}

/** Lines of a kind on the terminal; the JSON and the record have all. */
const mostListed = 20;

function kindList(text: string): readonly RepairKind[] {
  if (text.trim() === 'none') return [];
  return text.split(',').flatMap((part) => {
    const kind = part.trim();
    if (kind === 'certain') return CERTAIN_KINDS;
    if (isRepairKind(kind)) return [kind];
    throw new InvalidArgumentError(kind === 'gap' ? 'Gaps are filled by --fill-gaps MINUTES.' : `It must be certain, none, or of ${Object.keys(REPAIR_KINDS).join(', ')}.`);
  });
}

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

function shiftTime(text: string): number {
  const [, number, unit] = /^([+-]?\d{1,9})(ms|s|m|h)$/.exec(text.trim()) ?? [];
  if (number === undefined) throw new InvalidArgumentError('It must be a time like -60m, 30s or 1h.');
  return Number(number) * unitMs[unit as keyof typeof unitMs];
}
