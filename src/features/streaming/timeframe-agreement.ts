import type { RecentBars } from './recent-bars.js';
import { RecentValues } from './recent-values.js';

const LAG = 5;
const AGREE = 0.66;
const DISAGREE = 0.34;
const CLOSE = 3;
const SERIES = 4;

/** `alignmentScore` row by row: the 1-minute close and the close of each bar in sight, against those 5 ROWS before. */
export class TimeframeAgreement {
  /** The four closes of the last rows, row after row. */
  private readonly closes = new RecentValues(SERIES * LAG);
  private rows = 0;

  /** Writes score, direction and strength into the row from `at` on. Returns where the next column goes. */
  push(close: number, bars: readonly RecentBars[], row: Float64Array, at: number): number {
    const { closes } = this;
    let risen = 0;
    let fallen = 0;
    let known = this.rows >= LAG;
    for (let series = 0; series < SERIES; series++) {
      const now = series === 0 ? close : bars[series - 1].seen[CLOSE];
      if (this.rows >= LAG) {
        // Each push of this loop moves the series that come after it to the same place.
        const before = closes.at(SERIES * LAG - 1);
        if (now > before) risen++;
        else if (now < before) fallen++;
        else if (now !== before) known = false;
      }
      closes.push(now);
    }
    this.rows++;
    const score = known ? Math.max(risen, fallen) / SERIES : NaN;
    row[at++] = score;
    row[at++] = known ? (score > AGREE ? 1 : score < DISAGREE ? -1 : 0) : NaN;
    row[at++] = 2 * Math.abs(score - 0.5);
    return at;
  }

  save(): Float64Array {
    return this.closes.save();
  }

  /** How many numbers `save` gives after so many rows. */
  kept(rows: number): number {
    return SERIES * Math.min(rows, LAG);
  }

  restore(closes: Float64Array): void {
    this.closes.restore(closes);
    this.rows = closes.length / SERIES;
  }
}
