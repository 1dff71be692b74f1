import type { PlainError } from '../../plain-error.js';
import type { ProgressEvent } from '../../progress.js';

/** The queue's name under the prefix; jobs of every kind stand in it, told apart by their name. */
export const QUEUE_NAME = 'jobs';

/** What a job holds in Redis. */
export interface JobData {
  readonly task: unknown;
  /** The task for a person, in the worker's log. */
  readonly label: string;
  /** Which run put it there: an interrupted run takes back only its own. */
  readonly run: string;
  /** Version of crpbot that asks: another one could compute other bytes. */
  readonly version: string;
}

/** What a job thread is started with. */
export interface JobThreadSetup {
  /** Path of the module that exports `JOB_KINDS`. */
  readonly kindsModule: string;
}

/** To a job thread. */
export interface JobRequest {
  readonly kind: string;
  readonly task: unknown;
}

/** To a job thread at work: it should stop, the job is another's now. Heard when its event loop turns. */
export const STOP_JOB = 'stop';

/** From a job thread. */
export type JobReply =
  | { readonly is: 'progress'; readonly event: ProgressEvent }
  | { readonly is: 'done'; readonly result: unknown }
  | { readonly is: 'failed'; readonly error: PlainError };
