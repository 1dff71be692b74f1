import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureWritable, withFolderLock } from '../atomic-file.js';
import { InputError } from '../errors.js';

/** One try at a model: what a result must be judged against, since the best of many is good by chance. */
export interface Trial {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly symbol: string;
  readonly model: string;
  /** Everything that was set. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** SHA-256 of what it learnt from and was chosen on. */
  readonly data: { readonly training: string; readonly validation: string };
  readonly seed: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** The record stands beside the output folders, so that emptying one does not forget its tries. */
export function trialsFile(outputFolder: string): string {
  return join(dirname(outputFolder), 'trials.jsonl');
}

/**
 * Appends one line, in one write, to the disk: several processes may record at once, also on several hosts of a share,
 * and one killed leaves at most a torn line, which the next begins after.
 * @returns how many tries of its symbol are on record, this one included: of several at once each has its own number
 * @throws InputError `cannot-write`; TemporaryError `folder-busy`
 */
export function recordTrial(file: string, trial: Trial): number {
  ensureWritable(dirname(file));
  return withFolderLock(dirname(file), () => {
    append(file, trial);
    return countTrials(file, trial.symbol);
  });
}

function append(file: string, trial: Trial): void {
  try {
    const descriptor = openSync(file, 'a');
    try {
      writeSync(descriptor, `${endsTorn(file) ? '\n' : ''}${JSON.stringify(trial)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw cannotWrite(file, cause);
  }
}

function cannotWrite(file: string, cause: unknown): InputError {
  return new InputError(`cannot write ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { code: 'cannot-write', place: { file }, hint: 'choose another place, which is writable and has room (--out)', cause });
}

/**
 * Proves that a try can be recorded, so that hours of training do not end in "is a folder".
 * @throws InputError `cannot-write`
 */
export function ensureRecordable(file: string): void {
  ensureWritable(dirname(file));
  if (!existsSync(file)) return;
  try {
    if (!statSync(file).isFile()) throw new Error('it is not a file');
    closeSync(openSync(file, 'r+'));
  } catch (cause) {
    throw cannotWrite(file, cause);
  }
}

/** All trials on record, oldest first; a line that is torn, or no trial, is left out. */
export function readTrials(file: string): Trial[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').flatMap((line) => {
    try {
      const trial = JSON.parse(line) as Trial | null;
      return typeof trial === 'object' && typeof trial?.symbol === 'string' ? [trial] : [];
    } catch {
      return [];
    }
  });
}

/**
 * How many different tries were made, of one symbol where it is given. The same settings and seed on the same data give the
 * same model: to run them again is no new try.
 */
export function countTrials(file: string, symbol?: string): number {
  const wanted = readTrials(file).filter((trial) => symbol === undefined || trial.symbol === symbol);
  return new Set(wanted.map(({ symbol: of, model, parameters, data, seed }) => JSON.stringify([of, model, parameters, data, seed]))).size;
}

function endsTorn(file: string): boolean {
  const content = readFileSync(file);
  return content.length > 0 && content[content.length - 1] !== 0x0a;
}
