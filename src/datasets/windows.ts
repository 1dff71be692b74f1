/**
 * Overlapping windows over one row matrix, never copied: window `w` is rows `ends[w] - length + 1 .. ends[w]`.
 */
export interface Windows {
  /** Scaled features, row-major `[rowCount, featureCount]`. */
  readonly rows: Float32Array;
  readonly rowCount: number;
  readonly featureCount: number;
  /** Rows a window holds. */
  readonly length: number;
  /** `[windows]`: index into `rows` of each window's newest row; strictly increasing. */
  readonly ends: Int32Array;
}
