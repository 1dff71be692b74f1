import type { CommanderError } from 'commander';
import { describePlace, InputError, isExpectedError } from '../errors.js';

/** Exit statuses of every command. */
export const EXIT = { ok: 0, other: 1, input: 2, gateFailed: 3 } as const;

/** Tells a person, or under `--json` a machine, what went wrong, and gives the exit status it means. */
export function printError(error: unknown, { json, debug }: { readonly json: boolean; readonly debug: boolean }): number {
  const status = error instanceof InputError ? EXIT.input : EXIT.other;
  const aborted = error instanceof Error && error.name === 'AbortError';
  const message = aborted ? 'stopped before the end; what was not finished was not written' : error instanceof Error ? error.message : String(error);
  const expected = isExpectedError(error) ? error : undefined;
  if (json) {
    const place = expected?.place;
    process.stdout.write(`${JSON.stringify({ error: { code: expected?.code ?? (aborted ? 'aborted' : 'unexpected'), message, place, hint: expected?.hint } }, null, 2)}\n`);
  }
  process.stderr.write(`error: ${message}\n`);
  if (expected?.place !== undefined) process.stderr.write(`  at ${describePlace(expected.place)}\n`);
  if (expected?.hint !== undefined) process.stderr.write(`  hint: ${expected.hint}\n`);
  if (!aborted && expected === undefined && !debug) process.stderr.write('  this was not expected: run again with --debug and report what it prints\n');
  if (debug && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return status;
}

/** Commander has told the person already; a machine is told under `--json`. Help and version are no errors. */
export function printUsageError(error: CommanderError, json: boolean): number {
  if (error.exitCode === 0) return EXIT.ok;
  const message = error.message.replace(/^error: /, '');
  if (json) process.stdout.write(`${JSON.stringify({ error: { code: 'usage', message, hint: '--help lists the options' } }, null, 2)}\n`);
  return EXIT.input;
}
