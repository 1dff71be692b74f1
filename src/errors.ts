/** Where an offending value stands: a file, and within it a line, row or column. */
export interface Place {
  readonly file?: string;
  /** 1-based line of a text file. */
  readonly line?: number;
  /** 0-based row of a table. */
  readonly row?: number;
  readonly column?: string;
  /** Name of a weight. */
  readonly tensor?: string;
}

export interface ErrorDetails {
  /** Stable, kebab-case: what scripts and tests match on. */
  readonly code: string;
  readonly place?: Place;
  /** What the person should do, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

abstract class CrpbotError extends Error {
  readonly code: string;
  readonly place: Place | undefined;
  readonly hint: string | undefined;

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.place = details.place;
    this.hint = details.hint;
  }
}

/** The input or the usage is wrong: the person must change what they gave. Exit status 2. */
export class InputError extends CrpbotError {}

/** Something must be installed, built or configured first. Exit status 1. */
export class SetupError extends CrpbotError {}

/** The same call may succeed later (network, rate limit, a busy file). Exit status 1. */
export class TemporaryError extends CrpbotError {}

export type ExpectedError = InputError | SetupError | TemporaryError;

export function isExpectedError(error: unknown): error is ExpectedError {
  return error instanceof CrpbotError;
}

/** `file.csv, line 12, column close`: how a place reads in a message. */
export function describePlace(place: Place): string {
  const parts: string[] = [];
  if (place.file !== undefined) parts.push(place.file);
  if (place.line !== undefined) parts.push(`line ${place.line}`);
  if (place.row !== undefined) parts.push(`row ${place.row}`);
  if (place.column !== undefined) parts.push(`column ${place.column}`);
  if (place.tensor !== undefined) parts.push(`tensor ${place.tensor}`);
  return parts.join(', ');
}
