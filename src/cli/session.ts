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

function progressBar(): ProgressDisplay {
  let bar: cliProgress.SingleBar | undefined;
  let label = '';
  const clear = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    clear,
    show(event) {
      if (event.label !== label) clear();
      label = event.label;
      if (bar === undefined) {
        bar = new cliProgress.SingleBar({
          format: '{label} {bar} {percentage}% {value}/{total} {unit} {rate}/s, {eta_formatted} left',
          stream: process.stderr,
          hideCursor: true,
          clearOnComplete: true,
        }, cliProgress.Presets.shades_classic);
        bar.start(event.total ?? 0, 0, { label, unit: event.unit, rate: '-' });
        rateOf(event);
      }
      bar.update(event.done, { label, unit: event.unit, rate: Math.round(rateOf(event)) });
      if (event.done === event.total) clear();
    },
  };
}

function progressLines(): ProgressDisplay {
  let last = 0;
  return {
    clear: () => undefined,
    show(event) {
      const now = performance.now();
      const rate = rateOf(event);
      if (now - last < LOG_EVERY_S * 1000) return;
      last = now;
      const share = event.total === undefined || event.total === 0 ? '' : ` of ${event.total} (${Math.round((100 * event.done) / event.total)} %)`;
      const left = event.total === undefined || !(rate > 0) ? '' : `, ${Math.ceil((event.total - event.done) / rate)} s left`;
      process.stderr.write(`${event.label}: ${event.done}${share} ${event.unit}, ${Math.round(rate)}/s${left}\n`);
    },
  };
}

const rated = new Map<string, { readonly started: number; readonly from: number }>();

/** Units a second since the label was first seen. */
function rateOf(event: ProgressEvent): number {
  const now = performance.now();
  let since = rated.get(event.label);
  if (since === undefined || event.done < since.from) rated.set(event.label, (since = { started: now, from: event.done }));
  const seconds = (now - since.started) / 1000;
  return seconds > 0 ? (event.done - since.from) / seconds : 0;
}
