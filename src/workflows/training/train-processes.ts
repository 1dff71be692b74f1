import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { TemporaryError } from '../../errors.js';
import { fromPlainError, toPlainError, type PlainError } from '../../plain-error.js';
import { projectRoot } from '../../project-root.js';
import type { JobControl, ProgressEvent } from '../../progress.js';
import { combinedProgress } from './combined-progress.js';
import { foldText } from './folds.js';
import type { TrainedModel, TrainTask } from './train-model.js';

export type TrainReply =
  | { readonly kind: 'progress'; readonly event: ProgressEvent }
  | { readonly kind: 'note'; readonly note: string }
  | { readonly kind: 'trained'; readonly model: TrainedModel }
  | { readonly kind: 'failed'; readonly error: PlainError };

export interface TrainControl extends JobControl {
  readonly onNote?: ((note: string) => void) | undefined;
}

/** What a training process is told to do. */
export interface TrainRequest {
  readonly task: TrainTask;
  /** See `TrainModelControl`. */
  readonly lockPatienceMs?: number | undefined;
}

/** What a task trains on, for a person: `BTC-USD+ETH-USD`. */
export function taskName({ symbols }: TrainTask): string {
  return symbols.map(({ symbol }) => symbol).join('+');
}

/** One point of a grid, for a person: `tcn BTC-USD, walk-forward fold 2 of 4, seed 1`. */
export function taskLabel(task: TrainTask): string {
  return [`${task.model} ${taskName(task)}`, ...(task.fold === undefined ? [] : [foldText(task.fold)]), `seed ${task.settings.seed}`].join(', ');
}

/** What became of one task. */
export type TrainOutcome = { readonly task: TrainTask; readonly model: TrainedModel } | { readonly task: TrainTask; readonly error: Error };

/** How long a process that was told to stop may take over it, ms. What it had trained lies in its state file. */
const STOP_WITHIN_MS = 3000;

/**
 * Trains models side by side, a process each: on a CPU a process with one thread a model beats one with all of them.
 * What fails does not keep the others from being finished.
 * @throws the signal's reason when stopped
 */
export async function trainSideBySide(tasks: readonly TrainTask[], processes: number, control: TrainControl): Promise<readonly TrainOutcome[]> {
  const outcomes: TrainOutcome[] = [];
  const progress = control.onProgress === undefined ? undefined : combinedProgress(tasks.length, control.onProgress);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < tasks.length && control.signal?.aborted !== true) {
      const at = next++;
      const task = tasks[at];
      outcomes[at] = await trainInProcess(task, { ...control, onProgress: (event) => progress?.report(at, taskLabel(task), event) }).then(
        (model) => ({ task, model }),
        (error: unknown) => ({ task, error: error instanceof Error ? error : new Error(String(error)) }),
      );
      progress?.ended(at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(processes, tasks.length) }, work));
  control.signal?.throwIfAborted();
  return outcomes;
}

/**
 * Trains one model in a process of its own, which also ends when this one does.
 * @throws what the training threw; TemporaryError `training-process-ended` when the process died
 */
export async function trainInProcess(task: TrainTask, control: TrainControl & Pick<TrainRequest, 'lockPatienceMs'>): Promise<TrainedModel> {
  const child = fork(join(projectRoot(), 'bin/tsx.js'), [join(projectRoot(), 'src/workflows/training/train-process.ts')], {
    cwd: process.cwd(),
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, CRPBOT_ROOT: projectRoot() },
  });
  const stop = (): void => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS).unref();
  };
  if (control.signal?.aborted === true) stop();
  control.signal?.addEventListener('abort', stop, { once: true });
  try {
    return await answerOf(child, task, control);
  } finally {
    control.signal?.removeEventListener('abort', stop);
    if (child.connected) child.disconnect();
  }
}

function answerOf(child: ChildProcess, task: TrainTask, control: TrainControl & Pick<TrainRequest, 'lockPatienceMs'>): Promise<TrainedModel> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-2000)));
    child.on('message', (reply: TrainReply) => {
      if (reply.kind === 'progress') control.onProgress?.(reply.event);
      else if (reply.kind === 'note') control.onNote?.(reply.note);
      else if (reply.kind === 'trained') resolve(reply.model);
      else reject(fromPlainError(reply.error));
    });
    child.on('error', (cause) => reject(control.signal?.aborted === true ? (control.signal.reason as Error) : noProcess(task, cause)));
    child.on('exit', (status, signal) => {
      if (control.signal?.aborted === true) return reject(control.signal.reason as Error);
      const how = signal === null ? `with status ${status}` : `by ${signal}${signal === 'SIGKILL' ? ' (out of memory?)' : ''}`;
      const lines = said.trim().split('\n');
      const last = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? '';
      reject(new TemporaryError(`the process that trained ${taskName(task)} ended ${how}${last === '' ? '' : `: ${last}`}`, { code: 'training-process-ended', hint: 'run the same command again: it goes on where the last epoch ended; with less memory, train fewer at once (--processes 1)' }));
    });
    child.send({ task, lockPatienceMs: control.lockPatienceMs } satisfies TrainRequest);
  });
}

function noProcess(task: TrainTask, cause: Error): TemporaryError {
  return new TemporaryError(`the process that was to train ${taskName(task)} cannot be reached: ${cause.message}`, { code: 'training-process-ended', hint: 'free memory or processes, then run the same command again; with less memory, train fewer at once (--processes 1)', cause });
}

/** For the process at the other end. The promise: the reply is on its way, and the process may end without tearing it. */
export function replyTo(parent: Pick<NodeJS.Process, 'connected' | 'send'>): (reply: TrainReply) => Promise<void> {
  return (reply) => new Promise((sent) => {
    // Whoever asked may have been killed: then nobody hears it.
    if (!parent.connected || parent.send === undefined) return sent();
    parent.send(reply, undefined, undefined, () => sent());
  });
}

export function failed(error: unknown): TrainReply {
  return { kind: 'failed', error: toPlainError(error) };
}
