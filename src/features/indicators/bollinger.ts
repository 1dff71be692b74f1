import type { NamedColumns } from '../named-columns.js';
import { EPSILON } from './epsilon.js';

const WINDOW = 20;
const DEVIATIONS = 2;

/**
 * Bollinger bands of close: mean over 20 rows +- 2 standard deviations (ddof 0), their distance over CLOSE (not over
 * the middle band), and where close stands between them (not clipped). NaN in rows 0..18.
 */
export function bollinger(close: Float64Array): NamedColumns {
  const rows = close.length;
  const head = WINDOW - 1;
  const bb_high = new Float64Array(rows).fill(NaN, 0, head);
  const bb_low = new Float64Array(rows).fill(NaN, 0, head);
  const bb_width = new Float64Array(rows).fill(NaN, 0, head);
  const bb_position = new Float64Array(rows).fill(NaN, 0, head);
  for (let i = head; i < rows; i++) {
    const oldest = i - WINDOW + 1;
    let sum = 0;
    for (let j = i; j >= oldest; j--) sum += close[j];
    const mean = sum / WINDOW;
    let squares = 0;
    for (let j = i; j >= oldest; j--) {
      const distance = close[j] - mean;
      squares += distance * distance;
    }
    const reach = DEVIATIONS * Math.sqrt(squares / WINDOW);
    const high = mean + reach;
    const low = mean - reach;
    bb_high[i] = high;
    bb_low[i] = low;
    bb_width[i] = (high - low) / (close[i] + EPSILON);
    bb_position[i] = (close[i] - low) / (high - low + EPSILON);
  }
  return { bb_high, bb_low, bb_width, bb_position };
}
