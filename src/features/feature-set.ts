/**
 * How a 5m, 15m or 1h bar meets the 1-minute grid. `causal`: seen only once closed. `legacy`, `legacy-a`: the
 * original's two ways, which show up to 59 minutes of the future; kept to read old checkpoints, always marked LEAKY.
 */
export type Alignment = 'causal' | 'legacy' | 'legacy-a';

export const ALIGNMENTS: readonly Alignment[] = ['causal', 'legacy', 'legacy-a'];

/** A name, an ordered list of columns (the model's input order), an alignment. Plain data. */
export interface FeatureSet {
  /** `v1-31` or `v2-50`. */
  readonly name: string;
  readonly alignment: Alignment;
  readonly columns: readonly string[];
  /** Rows at the head of a table that may hold NaN (0 when the set fills them). */
  readonly warmupRows: number;
  /** True when a row may depend on later candles. */
  readonly leaky: boolean;
}
