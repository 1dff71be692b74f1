import cliProgress from 'cli-progress';
import type { JobControl, ProgressEvent } from '../progress.js';

/** Seconds between two lines of progress in a log. */
const LOG_EVERY_S = 5;

/** One command's contact with its terminal: results on stdout, progress and warnings on stderr, Ctrl-C. */
export interface Session {
  readonly control: JobControl & { readonly signal: AbortSignal };
  /** A line of the result. Silent under `--json`. */
  print(text: string): void;
  /** A line about the work: never part of the result. */
  note(text: string): void;
  /** The result for machines. */
  printJson(value: unknown): void;
  close(): void;
}

export function openSession(json: boolean): Session {
  const abort = new AbortController();
  const interrupt = () => {
    if (abort.signal.aborted) return endAtOnce();
    abort.abort();
  };
  // `process.exit` would end threads inside ONNX Runtime, which aborts the process with a message of its own.
  const endAtOnce = () => {
    process.removeAllListeners('SIGINT');
    process.kill(process.pid, 'SIGINT');
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const progress = process.stderr.isTTY ? progressBar() : progressLines();
  return {
    control: { signal: abort.signal, onProgress: progress.show },
    print(text) {
      progress.clear();
      if (!json) process.stdout.write(`${text}\n`);
    },
    note(text) {
      progress.clear();
      process.stderr.write(`${text}\n`);
    },
    printJson(value) {
      process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    close() {
      progress.clear();
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    },
  };
}

interface ProgressDisplay {
  readonly show: (event: ProgressEvent) => void;
  clear(): void;
}

/** One bar for whatever is reported: where several jobs take turns it shows the last that spoke. */
function progressBar(): ProgressDisplay {
  let bar: cliProgress.SingleBar | undefined;
  const rateOf = trackRates();
  const clear = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    clear,
    show(event) {
      const { label, detail, unit, done, total } = event;
      const payload = { label, unit, detail: detail === undefined ? '' : `  ${detail}`, speed: speedText(event, rateOf(event)) };
      if (bar === undefined) {
        // A line longer than the terminal is cut, not wrapped: what changes most stands last.
        bar = new cliProgress.SingleBar({ format: '{label} {bar} {percentage}% {value}/{total} {unit}{speed}{detail}', stream: process.stderr, hideCursor: true, clearOnComplete: true }, cliProgress.Presets.shades_classic);
        bar.start(total ?? 0, done, payload);
      } else {
        bar.setTotal(total ?? 0);
        bar.update(done, payload);
      }
      if (done === total) clear();
    },
  };
}

function progressLines(): ProgressDisplay {
  let last = -Infinity;
  const rateOf = trackRates();
  return {
    clear: () => undefined,
    show(event) {
      const now = performance.now();
      const rate = rateOf(event);
      if (now - last < LOG_EVERY_S * 1000) return;
      last = now;
      process.stderr.write(`${progressLineText(event, rate)}\n`);
    },
  };
}

/** `training tcn BTC-USD: 1200 of 4800 (25 %) windows, 310/s, 12 s left; epoch 2 of 6: loss 0.6931` */
export function progressLineText(event: ProgressEvent, rate: number | undefined): string {
  const { label, detail, unit, done, total } = event;
  const share = total === undefined || total === 0 ? '' : ` of ${total} (${Math.round((100 * done) / total)} %)`;
  return `${label}: ${done}${share} ${unit}${speedText(event, rate)}${detail === undefined ? '' : `; ${detail}`}`;
}

function speedText({ done, total }: ProgressEvent, rate: number | undefined): string {
  if (rate === undefined) return '';
  return `, ${rate >= 10 ? Math.round(rate) : Number(rate.toPrecision(2))}/s${total === undefined || done >= total ? '' : `, ${durationText((total - done) / rate)} left`}`;
}

function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Units a second of a label since it was first seen, or began anew; undefined until something was done. `now`: ms. */
export function trackRates(now: () => number = () => performance.now()): (event: ProgressEvent) => number | undefined {
  const seen = new Map<string, { started: number; from: number; done: number }>();
  return ({ label, done }) => {
    const time = now();
    let since = seen.get(label);
    if (since === undefined || done < since.done) seen.set(label, (since = { started: time, from: done, done }));
    since.done = done;
    return done > since.from && time > since.started ? (1000 * (done - since.from)) / (time - since.started) : undefined;
  };
}
