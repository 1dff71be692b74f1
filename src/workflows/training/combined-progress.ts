import type { OnProgress, ProgressEvent } from '../../progress.js';

interface Share {
  readonly done: number;
  readonly total: number;
  readonly name: string;
  readonly detail: string;
  readonly unit: string;
  readonly running: boolean;
}

export interface CombinedProgress {
  /** What the training of one task reports. `name`: what the line calls it. */
  report(at: number, name: string, event: ProgressEvent): void;
  /** It has ended, perhaps before its last epoch. */
  ended(at: number): void;
}

/** Details of more trainings than these would not fit into a line. */
const MOST_DETAILS = 3;

/**
 * Several trainings as one row of progress, `training 3 models`: their examples together, and what each that runs has
 * come to. One whose size is not known yet counts as much as the mean of those that are.
 */
export function combinedProgress(tasks: number, onProgress: OnProgress): CombinedProgress {
  const shares = new Map<number, Share>();
  const tell = (): void => {
    const known = [...shares.values()];
    const sum = (of: (share: Share) => number): number => known.reduce((all, share) => all + of(share), 0);
    const total = Math.round((sum((share) => share.total) * tasks) / known.length);
    const units = new Set(known.map((share) => share.unit));
    const running = known.filter((share) => share.running);
    const details = running.slice(0, MOST_DETAILS).map(({ name, detail }) => `${name} ${detail}`);
    const more = running.length > MOST_DETAILS ? [`${running.length - MOST_DETAILS} more`] : [];
    onProgress({ label: `training ${tasks} models`, detail: [...details, ...more].join('; '), done: sum((share) => share.done), total, unit: units.size === 1 ? known[0].unit : 'examples' });
  };
  return {
    report: (at, name, { label, detail, done, total, unit }) => {
      if (tasks === 1) return onProgress({ label, done, unit, ...(detail === undefined ? {} : { detail }), ...(total === undefined ? {} : { total }) });
      shares.set(at, { done, total: total ?? done, name, detail: detail ?? '', unit, running: true });
      tell();
    },
    ended: (at) => {
      const share = shares.get(at);
      if (share !== undefined) shares.set(at, { ...share, total: share.done, running: false });
    },
  };
}
