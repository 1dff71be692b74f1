import { isoTime } from '../number-text.js';
import type { RunResult } from './run-result.js';

/** Raised when a reader of the older document could misread the newer one. */
const resultsSchemaVersion = 1;

/**
 * `evaluation_results.json`: all of the run. `startedAt`, `from` and `to` are ISO 8601, UTC; the times of an equity
 * curve stay ms since the epoch. A figure that was not computed (undefined, NaN, infinite) has no key; within an array,
 * where a place must be kept, it is null.
 */
export function resultsJson(run: RunResult): string {
  const models = run.models.map((model) => ({
    ...model,
    evaluation: { ...model.evaluation, from: isoTime(model.evaluation.from), to: isoTime(model.evaluation.to) },
  }));
  const document = { schemaVersion: resultsSchemaVersion, ...run, startedAt: isoTime(run.startedAt), models };
  return `${JSON.stringify(document, plainValue, 1)}\n`;
}

function plainValue(this: unknown, _key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return Array.isArray(this) ? null : undefined;
  if (typeof value === 'bigint') return value.toString();
  // A typed array would be written as an object with a key per index.
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as unknown as ArrayLike<number>);
  return value;
}
