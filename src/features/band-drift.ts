import type { NamedColumns } from './named-columns.js';

/**
 * What pandas' running variance may have drifted, as a share of close squared. Measured over two years of candles: up
 * to 3e-13, most where price had fallen to a tenth.
 */
const VARIANCE = 1e-12;
/** What a running mean may have drifted, as a share of close. */
const MEAN = 1e-11;

/** How far off a Bollinger column may be in a row for that, given the bands without drift. */
export function bandDrift(column: string, { bb_width: width, bb_position: position }: NamedColumns, close: Float64Array): (row: number) => number {
  /** Of the distance from the middle to a band (two standard deviations), as a share of close: exact for a width of 0, too. */
  const ofReach = (row: number): number => 2 * (Math.sqrt((width[row] / 4) ** 2 + VARIANCE) - width[row] / 4);
  switch (column) {
    case 'bb_high':
    case 'bb_low':
      return (row) => (ofReach(row) + MEAN) * close[row];
    case 'bb_width':
      return (row) => 2 * ofReach(row);
    default:
      // position = 1/2 + (close - mean) / (high - low): the narrower the bands, the less is known.
      return (row) => (2 * ofReach(row) * Math.abs(position[row] - 0.5) + MEAN) / width[row];
  }
}
