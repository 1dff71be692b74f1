import type { JobControl, OnProgress, ProgressEvent } from '../progress.js';
import { displayPlace } from './display.js';
import { runningKernel } from './kernel.js';

/** ms between two updates: a job may report thousands of times. */
const EVERY = 500;

/**
 * One line under the running cell that follows a job: done, share, rate, time left. It is replaced in place, so that
 * a long job leaves one line in the notebook. `now`: ms, a clock.
 */
export function progressLine(now: () => number = Date.now): OnProgress {
  let step: { readonly label: string; readonly unit: string; readonly started: number; readonly show: ReturnType<typeof displayPlace>; shown: number } | undefined;
  return (event) => {
    const time = now();
    if (step?.label !== event.label || step.unit !== event.unit) {
      step = { label: event.label, unit: event.unit, started: time, show: displayPlace(), shown: -Infinity };
    }
    if (time - step.shown < EVERY && event.done !== event.total) return;
    step.shown = time;
    step.show({ 'text/plain': progressText(event, time - step.started) });
  };
}

/** `scoring model: 12,000 of 48,000 windows, 25 %, 4,000 windows/s, 9 s left`; `elapsed` in ms. */
export function progressText({ label, done, total, unit }: ProgressEvent, elapsed: number): string {
  const count = (value: number): string => Math.round(value).toLocaleString('en-US');
  const rate = elapsed > 0 ? (done / elapsed) * 1000 : 0;
  const parts = [`${label}: ${count(done)}${total === undefined ? '' : ` of ${count(total)}`} ${unit}`];
  if (total !== undefined && total > 0) parts.push(`${Math.floor((done / total) * 100)} %`);
  if (rate > 0) parts.push(`${rate >= 10 ? count(rate) : rate.toPrecision(2)} ${unit}/s`);
  if (total !== undefined && rate > 0) parts.push(done >= total ? `${seconds(elapsed / 1000)} in all` : `${seconds((total - done) / rate)} left`);
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
