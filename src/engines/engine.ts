import type { Windows } from '../datasets/windows.js';
import type { JobControl } from '../progress.js';

/** A model made ready to run. One call at a time. */
export interface Scorer {
  /** What runs it, for the results: `onnx-cpu`, `onnx-cuda`. */
  readonly engine: string;
  readonly precision: 'fp32' | 'int8';
  /** P(up) of every window, `[windows]`. Stops with an AbortError when `control.signal` fires. */
  score(windows: Windows, control?: JobControl): Promise<Float64Array>;
  dispose(): Promise<void>;
}
