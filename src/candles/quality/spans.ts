import { MINUTE_MS } from '../candles.js';
import type { Finding, FindingKind } from './finding.js';

/** A finding that reaches over the minutes from `from` to `to`, both included. */
export function span(kind: FindingKind, from: number, to: number, rows: number, values: string): Finding {
  return { kind, from, to, minutes: Math.round(Math.abs(to - from) / MINUTE_MS) + 1, rows, values };
}
