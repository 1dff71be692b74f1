import { FINDING_KINDS, severityOf } from '../../candles/quality/finding.js';
import type { Finding, FindingKind } from '../../candles/quality/finding.js';
import { count, minuteText } from '../../number-text.js';

/** All findings of one kind in one series. */
export interface KindSummary {
  readonly kind: FindingKind;
  readonly severity: 'defect' | 'notice';
  readonly title: string;
  readonly count: number;
  readonly minutes: number;
  /** The longest; the first of those as long. */
  readonly worst: Finding;
}

/** Findings by kind, in the order of `FINDING_KINDS`. */
export function summarize(findings: readonly Finding[]): readonly KindSummary[] {
  const byKind = new Map<FindingKind, { count: number; minutes: number; worst: Finding }>();
  for (const finding of findings) {
    const known = byKind.get(finding.kind);
    if (known === undefined) byKind.set(finding.kind, { count: 1, minutes: finding.minutes, worst: finding });
    else {
      known.count += 1;
      known.minutes += finding.minutes;
      if (finding.minutes > known.worst.minutes) known.worst = finding;
    }
  }
  return (Object.keys(FINDING_KINDS) as FindingKind[]).flatMap((kind) => {
    const found = byKind.get(kind);
    return found === undefined ? [] : [{ kind, severity: severityOf(kind), title: FINDING_KINDS[kind].title, ...found }];
  });
}

/** The longest `most` findings of each kind, in time order within a kind. */
export function longestOfEachKind(findings: readonly Finding[], most: number): readonly Finding[] {
  return summarize(findings).flatMap(({ kind }) =>
    findings
      .filter((finding) => finding.kind === kind)
      .sort((a, b) => b.minutes - a.minutes)
      .slice(0, most)
      .sort((a, b) => a.from - b.from),
  );
}

/** `2025-05-05 00:00 UTC`; a finding may be of rows without a time. */
export function whenText(time: number): string {
  return Math.abs(time) <= 8.64e15 ? minuteText(time) : 'no time';
}

/** `3 min`, `2.5 h`, `1.2 d`. */
export function lengthText(minutes: number): string {
  if (minutes < 120) return `${count(minutes)} min`;
  return minutes < 2880 ? `${(minutes / 60).toFixed(1)} h` : `${(minutes / 1440).toFixed(1)} d`;
}
