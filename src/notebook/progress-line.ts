import type { JobControl, OnProgress, ProgressEvent } from '../progress.js';
import { displayPlace } from './display.js';
import { runningKernel } from './kernel.js';

/** ms between two updates: a job may report thousands of times. */
const EVERY = 500;

interface Line {
  readonly show: ReturnType<typeof displayPlace>;
  started: number;
  /** Done when it started: a training that goes on begins in the middle. */
  from: number;
  done: number;
  shown: number;
}

/**
 * One line a label under the running cell that follows a job: done, share, rate, time left. It is replaced in place, so
 * that a long job leaves one line in the notebook. `now`: ms, a clock.
 */
export function progressLine(now: () => number = Date.now): OnProgress {
  const lines = new Map<string, Line>();
  return (event) => {
    const time = now();
    const key = JSON.stringify([event.label, event.unit]);
    let line = lines.get(key);
    if (line === undefined) {
      line = { show: displayPlace(), started: time, from: event.done, done: 0, shown: -Infinity };
      lines.set(key, line);
    } else if (event.done < line.done) Object.assign(line, { started: time, from: event.done });
    line.done = event.done;
    if (time - line.shown < EVERY && event.done !== event.total) return;
    line.shown = time;
    line.show({ 'text/plain': progressText(event, time - line.started, line.from) });
  };
}

/** `scoring model: 12,000 of 48,000 windows, 25 %, 4,000 windows/s, 9 s left`; `elapsed` in ms since `from` were done. */
export function progressText({ label, detail, done, total, unit }: ProgressEvent, elapsed: number, from = 0): string {
  const count = (value: number): string => Math.round(value).toLocaleString('en-US');
  const rate = elapsed > 0 ? ((done - from) / elapsed) * 1000 : 0;
  const parts = [`${label}: ${count(done)}${total === undefined ? '' : ` of ${count(total)}`} ${unit}`];
  if (total !== undefined && total > 0) parts.push(`${Math.floor((done / total) * 100)} %`);
  if (rate > 0) parts.push(`${rate >= 10 ? count(rate) : rate.toPrecision(2)} ${unit}/s`);
  if (total !== undefined && rate > 0) parts.push(done >= total ? `${seconds(elapsed / 1000)} in all` : `${seconds((total - done) / rate)} left`);
  if (detail !== undefined) parts.push(detail);
  return parts.join(', ');
}

function seconds(value: number): string {
  return value < 120 ? `${value < 10 ? value.toFixed(1) : Math.round(value)} s` : `${Math.round(value / 60)} min`;
}

/** For a long job in a cell: progress in one line, and it stops when the cell is interrupted. */
export function cellControl(): JobControl {
  const signal = runningKernel()?.signal();
  return signal === undefined ? { onProgress: progressLine() } : { onProgress: progressLine(), signal };
}
