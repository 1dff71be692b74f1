import type { NamedColumns } from '../named-columns.js';
import { EPSILON } from './epsilon.js';

const WINDOW = 20;

/**
 * Volume over the last 20 rows (fewer at the head): mean, ratio to it, and least-squares slope in volume per row:
 * sum (x - mean x) v / sum (x - mean x)^2 with x = 0 .. k-1; 0 for a single row.
 */
export function volume(values: Float64Array): NamedColumns {
  const rows = values.length;
  const volume_ma = new Float64Array(rows);
  const volume_ratio = new Float64Array(rows);
  const volume_trend = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const count = i + 1 < WINDOW ? i + 1 : WINDOW;
    const centre = (count - 1) / 2;
    // From both ends to the middle: two values at the same distance from it share a weight.
    let older = i - count + 1;
    let newer = i;
    let sum = 0;
    let weighted = 0;
    for (let distance = centre; distance > 0; distance--) {
      sum += values[newer] + values[older];
      weighted += distance * (values[newer--] - values[older++]);
    }
    const mean = (count % 2 === 1 ? sum + values[newer] : sum) / count;
    volume_ma[i] = mean;
    volume_ratio[i] = values[i] / (mean + EPSILON);
    if (count > 1) volume_trend[i] = weighted / ((count * (count * count - 1)) / 12);
  }
  return { volume_ma, volume_ratio, volume_trend };
}
