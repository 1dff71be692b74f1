import { InputError, SetupError, TemporaryError } from './errors.js';
import type { Place } from './errors.js';

const FAMILY = { InputError, SetupError, TemporaryError } as const;

/** An error as plain JSON, to cross a thread, process or host. */
export interface PlainError {
  /** `InputError`, `SetupError`, `TemporaryError`, or any other. */
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly place?: Place;
  readonly hint?: string;
  readonly stack?: string;
}

export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  const { code, place, hint } = error as { code?: unknown; place?: Place; hint?: string };
  return {
    name,
    message,
    ...(typeof code === 'string' && { code }),
    ...(place !== undefined && { place }),
    ...(hint !== undefined && { hint }),
    ...(stack !== undefined && { stack }),
  };
}

/** The error again, of its family; `message` may say more than it did. */
export function fromPlainError({ name, message: said, code, place, hint, stack }: PlainError, message = said): Error {
  const Family = FAMILY[name as keyof typeof FAMILY] as (typeof FAMILY)[keyof typeof FAMILY] | undefined;
  const details = { code: code ?? 'unknown', ...(place !== undefined && { place }), ...(hint !== undefined && { hint }) };
  const error = Family === undefined ? new Error(message) : new Family(message, details);
  if (Family === undefined) error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
