import type { Finding } from '../../candles/quality/finding.js';
import { severityOf } from '../../candles/quality/finding.js';
import { isoTime } from '../../number-text.js';
import type { DataCheckReport } from './check-report.js';

/** A check for machines: times as ISO 8601 UTC (null where a row has none), every finding, completeness by day. */
export function checkJson({ series, pairs, defects, notices }: DataCheckReport): unknown {
  return {
    defects,
    notices,
    series: series.map(({ symbol, exchange, files, rows, from, to, completeness, days, findings, unreadable, repairs }) => ({
      symbol,
      exchange: exchange ?? null,
      files,
      rows,
      from: iso(from),
      to: iso(to),
      completeness,
      unreadable,
      repairs,
      findings: findings.map(findingJson),
      days: days.map(({ day, minutes, of }) => ({ day: isoTime(day).slice(0, 10), minutes, of })),
    })),
    pairs: pairs.map(({ symbol, between, minutes, findings }) => ({ symbol, between, minutes, findings: findings.map(findingJson) })),
  };
}

const iso = (time: number): string | null => (Math.abs(time) <= 8.64e15 ? isoTime(time) : null);

const findingJson = ({ kind, from, to, minutes, rows, values }: Finding): unknown => ({ kind, severity: severityOf(kind), from: iso(from), to: iso(to), minutes, rows, values });
