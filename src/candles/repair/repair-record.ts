import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '../../errors.js';
import { count } from '../../number-text.js';
import type { Finding } from '../quality/finding.js';
import type { Repair, RepairAction, RepairKind } from './repair.js';

/** A file that was repaired. */
export interface RepairSource {
  /** Its name, without the folder. */
  readonly file: string;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly sha256: string;
}

/** One repair of a series. */
export interface RepairRun {
  readonly crpbotVersion: string;
  readonly sources: readonly RepairSource[];
  readonly options: { readonly apply: readonly RepairKind[]; readonly shiftMs: number; readonly fillGapMinutes: number };
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  readonly repairs: readonly Repair[];
  /** Defects a check finds in the result. */
  readonly remaining: readonly Pick<Finding, 'kind' | 'from' | 'to' | 'rows' | 'values'>[];
}

/**
 * `repairs.json` beside the parts of a repaired series. Holds nothing that depends on when or where the repair ran: the
 * same files and options give the same bytes.
 */
export interface RepairRecord extends RepairRun {
  readonly format: 1;
  readonly exchange: string;
  readonly symbol: string;
  readonly timeframe: '1m';
  /** Repairs that its sources had been through, oldest first. */
  readonly earlier: readonly RepairRun[];
}

/** What a record comes to, over all its runs: rows by what was done, and by why. */
export interface RepairSummary {
  readonly moved: number;
  readonly dropped: number;
  readonly sorted: number;
  readonly filled: number;
  readonly kinds: Readonly<Record<string, number>>;
  /** Defects the last repair left. */
  readonly remaining: number;
  /** SHA-256 of the record's bytes, hexadecimal. */
  readonly sha256: string;
}

export const REPAIRS_NAME = 'repairs.json';

/** The file, whole: one line a repair. */
export function repairRecordText({ repairs, remaining, ...rest }: RepairRecord): string {
  const head = JSON.stringify(rest, null, 1).slice(0, -2);
  const lines = (values: readonly unknown[]): string => (values.length === 0 ? '[]' : `[\n${values.map((value) => `  ${JSON.stringify(value)}`).join(',\n')}\n ]`);
  return `${head},\n "repairs": ${lines(repairs)},\n "remaining": ${lines(remaining)}\n}\n`;
}

/** What stands beside the parts of a folder; undefined where nothing does. @throws InputError `repairs-unreadable`. */
export function readRepairRecord(folder: string): RepairRecord | undefined {
  const text = recordText(folder);
  if (text === undefined) return undefined;
  const file = join(folder, REPAIRS_NAME);
  let record: Partial<RepairRecord> | null;
  try {
    record = JSON.parse(text) as Partial<RepairRecord> | null;
  } catch (cause) {
    throw unreadable(file, (cause as Error).message, cause);
  }
  const earlier: unknown = record?.earlier;
  if (record?.format !== 1 || !Array.isArray(earlier) || ![record, ...(earlier as unknown[])].every(isRun)) throw unreadable(file, 'it does not say format 1, its sources, repairs and what remains');
  return record as RepairRecord;
}

/** What was done to the candles of these files, a summary for each of their folders that has a record. @throws InputError `repairs-unreadable`. */
export function repairsOfFiles(files: readonly string[]): readonly { readonly file: string; readonly summary: RepairSummary }[] {
  return [...new Set(files.map((file) => dirname(file)))].flatMap((folder) => {
    const record = readRepairRecord(folder);
    return record === undefined ? [] : [{ file: join(folder, REPAIRS_NAME), summary: summarizeRepairs(record) }];
  });
}

export function summarizeRepairs(record: RepairRecord): RepairSummary {
  const rows: Record<RepairAction, number> = { moved: 0, dropped: 0, sorted: 0, filled: 0 };
  const kinds: Record<string, number> = {};
  for (const repair of [...record.earlier, record].flatMap(({ repairs }) => repairs)) {
    rows[repair.action] += repair.rows;
    kinds[repair.kind] = (kinds[repair.kind] ?? 0) + repair.rows;
  }
  const sha256 = createHash('sha256').update(repairRecordText(record)).digest('hex');
  return { ...rows, kinds, remaining: record.remaining.length, sha256 };
}

/** `3 rows dropped, 5 minutes filled (bad-print 3, gap 5); 1 defect left`. */
export function repairText({ moved, dropped, sorted, filled, kinds, remaining }: Omit<RepairSummary, 'sha256'>): string {
  const plural = (rows: number, noun: string): string => `${count(rows)} ${noun}${rows === 1 ? '' : 's'}`;
  const done = [[dropped, 'row', 'dropped'], [filled, 'minute', 'filled'], [moved, 'row', 'moved in time'], [sorted, 'row', 'put in order']] as const;
  const words = done.filter(([rows]) => rows > 0).map(([rows, noun, verb]) => `${plural(rows, noun)} ${verb}`);
  const why = Object.entries(kinds).map(([kind, rows]) => `${kind} ${count(rows)}`);
  return `${words.length === 0 ? 'nothing to repair' : `${words.join(', ')} (${why.join(', ')})`}${remaining === 0 ? '' : `; ${plural(remaining, 'defect')} left`}`;
}

/** The same as a sentence that whoever works with the candles is told. @param where what lists the repairs. */
export function repairNote(symbol: string, summary: RepairSummary, where: string): string {
  return `${symbol}: the candles were repaired: ${repairText(summary)}; ${where} lists them`;
}

/** A sentence for each record beside these files that lists a repair or a defect. @throws InputError `repairs-unreadable`. */
export function repairNotes(symbol: string, files: readonly string[]): readonly string[] {
  return repairsOfFiles(files)
    .filter(({ summary }) => isWorthSaying(summary))
    .map(({ file, summary }) => repairNote(symbol, summary, file));
}

/** A record may say that there was nothing to repair. */
export function isWorthSaying({ kinds, remaining }: RepairSummary): boolean {
  return Object.keys(kinds).length > 0 || remaining > 0;
}

const actions: readonly unknown[] = ['moved', 'dropped', 'sorted', 'filled'] satisfies RepairAction[];

function isRun(value: unknown): boolean {
  const { sources, repairs, remaining } = (value ?? {}) as Partial<Record<keyof RepairRun, unknown>>;
  return Array.isArray(sources) && Array.isArray(repairs) && Array.isArray(remaining) && (repairs as unknown[]).every(isRepair);
}

function isRepair(value: unknown): boolean {
  const { action, kind, rows } = (value ?? {}) as Partial<Record<keyof Repair, unknown>>;
  return actions.includes(action) && typeof kind === 'string' && Number.isSafeInteger(rows);
}

function recordText(folder: string): string | undefined {
  const file = join(folder, REPAIRS_NAME);
  if (!existsSync(file)) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, (cause as Error).message, cause);
  }
}

function unreadable(file: string, reason: string, cause?: unknown): InputError {
  return new InputError(`${file} does not describe repairs: ${reason}`, {
    code: 'repairs-unreadable',
    place: { file },
    hint: 'without it nobody knows what was done to these candles: repair their source again into a new folder (npx crpbot data repair)',
    cause,
  });
}
