/** What can be wrong with, or worth knowing of, a series. */
export const FINDING_KINDS = {
  'not-finite': { severity: 'defect', title: 'empty or infinite values' },
  'impossible-candle': { severity: 'defect', title: 'impossible candles' },
  'off-minute': { severity: 'defect', title: 'times off the minute' },
  'out-of-order': { severity: 'defect', title: 'rows out of order' },
  'duplicate-same': { severity: 'defect', title: 'duplicate minutes, same values' },
  'duplicate-different': { severity: 'defect', title: 'duplicate minutes, different values' },
  'shifted': { severity: 'defect', title: 'shifted timestamps' },
  'lagged': { severity: 'defect', title: 'later or earlier than the other exchange' },
  'frozen': { severity: 'defect', title: 'frozen prices' },
  'interpolated': { severity: 'defect', title: 'interpolated prices' },
  'bad-print': { severity: 'defect', title: 'bad prints: spikes that come back' },
  'gap': { severity: 'notice', title: 'gaps' },
  'zero-volume': { severity: 'notice', title: 'runs without volume' },
  'sweep': { severity: 'notice', title: 'spikes that come back, on heavy trading' },
  'jump': { severity: 'notice', title: 'moves that stay' },
  'disagreement': { severity: 'notice', title: 'minutes in which two exchanges disagree' },
  'offset': { severity: 'notice', title: 'lasting offset between two exchanges' },
} as const;

export type FindingKind = keyof typeof FINDING_KINDS;
/** `defect`: the data are wrong. `notice`: it may have happened. */
export type Severity = 'defect' | 'notice';

export interface Finding {
  readonly kind: FindingKind;
  /** Open times of the first and the last minute it touches, ms UTC. NaN where the time itself is missing. */
  readonly from: number;
  readonly to: number;
  /** How long: minutes from the first to the last, both included. */
  readonly minutes: number;
  /** Rows it touches; 0 for a gap. */
  readonly rows: number;
  /** What values: `4005.1 -> 3918.5 -> 3998.3`. */
  readonly values: string;
}

export function severityOf(kind: FindingKind): Severity {
  return FINDING_KINDS[kind].severity;
}
