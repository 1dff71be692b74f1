import { MINUTE_MS } from '../candles.js';
import type { Candles } from '../candles.js';
import type { Finding } from './finding.js';
import { localScale, tailThreshold } from './local-scale.js';
import { span } from './spans.js';

/** A spike comes back within so many candles. */
const longestSpike = 5;
/** How much of its size may be left when it has come back. */
const leftOver = 0.3;
/** A candle with no more than so many times the volume usual around it moved nothing that far. */
const ordinaryVolume = 3;
/** For each mark, the least score in local scales, and how many scores as high chance may give in the whole series. */
const marks = {
  back: { least: 12, byChance: 0.1 },
  torn: { least: 8, byChance: 0.05 },
  quiet: { least: 10, byChance: 0.02 },
  wick: { least: 20, byChance: 0.02 },
  quietWick: { least: 15, byChance: 0.02 },
  move: { least: 12, byChance: 0.1 },
} as const;
type Mark = keyof typeof marks;

/** A score a row for each mark; 0 where it has none. */
interface Scores extends Readonly<Record<Mark, Float64Array>> {
  /** How many candles the spike that begins in a row lasts. */
  readonly lasts: Uint8Array;
}

/** Spikes that come back (bad prints, in closes or in highs and lows), and moves that stay. */
export function findSpikes(candles: Candles): readonly Finding[] {
  const { time, open, high, low, close } = candles;
  const rows = time.length;
  if (rows < 3) return [];
  const scores = scoreRows(candles);
  const limitOf = (mark: Mark, byChance: number = marks[mark].byChance): number => tailThreshold(scores[mark], byChance, marks[mark].least);
  const [back, torn, quiet, wick, quietWick, move] = (['back', 'torn', 'quiet', 'wick', 'quietWick', 'move'] as const).map((mark) => limitOf(mark)) as [number, number, number, number, number, number];
  // Sweeps happen: about one in the series is to be expected beyond these.
  const swept = limitOf('back', 1);
  const sweptWick = limitOf('wick', 1);
  const findings: Finding[] = [];
  const explained = new Uint8Array(rows + longestSpike + 1);
  for (let row = 1; row < rows; row++) {
    const bad = scores.back[row] > back || scores.torn[row] > torn || scores.quiet[row] > quiet;
    if (!bad && !(scores.back[row] > swept)) continue;
    const length = scores.lasts[row];
    const end = row + length;
    explained.fill(1, row, end + 1);
    const times = scores.back[row].toFixed(0);
    findings.push(span(bad ? 'bad-print' : 'sweep', time[row], time[end - 1], length, `close ${close[row - 1]} -> ${close[row]} -> ${close[end]}, ${times} local scales`));
    row = end - 1;
  }
  for (let row = 0; row < rows; row++) {
    if (explained[row] === 1) continue;
    const bad = scores.wick[row] > wick || scores.quietWick[row] > quietWick;
    if (bad || scores.wick[row] > sweptWick) {
      findings.push(span(bad ? 'bad-print' : 'sweep', time[row], time[row], 1, `open ${open[row]}, high ${high[row]}, low ${low[row]}, close ${close[row]}: a wick of ${scores.wick[row].toFixed(0)} local scales`));
    } else if (scores.move[row] > move) {
      findings.push(span('jump', time[row], time[row], 1, `close ${close[row - 1]} -> ${close[row]}, ${scores.move[row].toFixed(0)} local scales`));
    }
  }
  return findings;
}

/**
 * The marks. `back`: how far a close, and those after it, stand from both sides, in local scales. `torn`: the same where an open and the
 * close before it are at least half the spike apart, as trading does not leave them. `quiet`: the same with ordinary volume: a market that
 * is swept trades far more. `wick`: high or low beyond this close and the one before. `move`: from the close before.
 */
function scoreRows({ time, open, high, low, close, volume }: Candles): Scores {
  const rows = time.length;
  const column = (): Float64Array => new Float64Array(rows);
  const [log, change, back, torn, quiet, wick, quietWick] = [column(), column(), column(), column(), column(), column(), column()];
  const lasts = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) log[row] = Math.log(close[row]);
  for (let row = 1; row < rows; row++) {
    const minutes = (time[row] - time[row - 1]) / MINUTE_MS;
    const size = Math.abs(log[row] - log[row - 1]);
    change[row] = minutes === 1 ? size : size / Math.sqrt(minutes);
    const top = Math.max(close[row], close[row - 1]);
    const bottom = Math.min(close[row], close[row - 1]);
    wick[row] = Math.max(0, high[row] / top - 1, bottom / low[row] - 1);
  }
  const scale = localScale(change);
  const wickScale = localScale(wick);
  const usualVolume = localScale(volume);
  for (let row = 1; row < rows; row++) {
    const unit = scale[row];
    change[row] /= unit;
    wick[row] /= Math.max(unit, wickScale[row]);
    if (volume[row] <= ordinaryVolume * usualVolume[row]) quietWick[row] = wick[row];
    const outward = log[row] - log[row - 1];
    if (Math.abs(outward) < unit) continue;
    const sign = outward > 0 ? 1 : -1;
    const before = log[row - 1];
    let least = Infinity;
    let traded = 0;
    for (let length = 1; length <= longestSpike && row + length < rows; length++) {
      const last = row + length - 1;
      const out = sign * (log[last] - before);
      if (out <= 0) break;
      least = Math.min(least, out);
      traded = Math.max(traded, volume[last]);
      const left = sign * (log[last + 1] - before);
      const size = least - Math.max(0, left);
      if (size <= 0 || Math.abs(left) > leftOver * size) continue;
      const score = size / (unit * Math.sqrt(length));
      if (score <= back[row]) continue;
      back[row] = score;
      lasts[row] = length;
      const tear = Math.max(Math.abs(Math.log(open[row] / close[row - 1])), Math.abs(Math.log(open[last + 1] / close[last])));
      torn[row] = tear >= size / 2 ? score : 0;
      quiet[row] = traded <= ordinaryVolume * usualVolume[row] ? score : 0;
    }
  }
  return { lasts, back, torn, quiet, wick, quietWick, move: change };
}
