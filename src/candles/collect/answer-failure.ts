/** An answer that asking again may mend: 429, 5xx, a connection dropped, half an answer. Never leaves this folder. */
export class AnswerFailure extends Error {
  /** What the exchange asked to wait (`Retry-After`), ms. */
  readonly retryAfterMs: number | undefined;
  /** An answer that came whole but wrong is asked for only twice more. */
  readonly mostTries: number | undefined;
  readonly code: string | undefined;

  constructor(message: string, details: { readonly retryAfterMs?: number | undefined; readonly mostTries?: number; readonly code?: string; readonly cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.name = 'AnswerFailure';
    this.retryAfterMs = details.retryAfterMs;
    this.mostTries = details.mostTries;
    this.code = details.code;
  }
}

/** `Retry-After` in ms: seconds or an HTTP date. Undefined where it says nothing usable. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), 600_000) : undefined;
}
