/**
 * What a model learns from: overlapping examples over one row matrix, never copied. Several symbols may stand one
 * below the other in `rows`, as long as no example crosses from one to the next.
 */
export interface TrainingExamples {
  /** Scaled features, row-major `[rowCount, featureCount]`. */
  readonly rows: Float32Array;
  readonly rowCount: number;
  readonly featureCount: number;
  /** `[rowCount]`: 1 up, 0 down; meaningless where the weight is 0. */
  readonly label: Float32Array;
  /** `[rowCount]`: what a row's loss counts; 0 where a row has no label (no outcome, or it lies beyond a gap or the split). */
  readonly weight: Float32Array;
  /** Rows an example holds. */
  readonly length: number;
  /** `[examples]`: index into `rows` of each example's newest row. */
  readonly ends: Int32Array;
  /** Rows at the start of an example that are shown and not scored. A window model scores its last row alone: length - 1. */
  readonly unscored: number;
}
