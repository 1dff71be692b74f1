import type { DayCompleteness } from '../../candles/quality/completeness.js';
import type { RepairSummary } from '../../candles/repair/repair-record.js';
import type { Finding } from '../../candles/quality/finding.js';

/** What the table, the JSON and the page show of one series. */
export interface SeriesReportPart {
  readonly symbol: string;
  readonly exchange: string | undefined;
  /** `BTC-USD coinbase`. */
  readonly name: string;
  readonly files: readonly string[];
  readonly rows: number;
  readonly from: number;
  readonly to: number;
  readonly completeness: number;
  readonly days: readonly DayCompleteness[];
  readonly findings: readonly Finding[];
  readonly unreadable: readonly { readonly file: string; readonly code: string; readonly problem: string; readonly hint: string | undefined }[];
  readonly repairs: readonly RepairSummary[];
}

export interface PairReportPart {
  readonly symbol: string;
  readonly between: readonly [a: string, b: string];
  readonly minutes: number;
  readonly findings: readonly Finding[];
}

export interface DataCheckReport {
  readonly series: readonly SeriesReportPart[];
  readonly pairs: readonly PairReportPart[];
  readonly defects: number;
  readonly notices: number;
}
