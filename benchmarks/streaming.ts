/**
 * Features as candles close, one core: microseconds a candle (median, 99th percentile) for each causal set, in its own
 * streaming form and in the one derived from the batch kernel, the size of the saved state, and 1,000 symbols' candles
 * of one minute through the border.
 *
 *     node bin/tsx.js benchmarks/streaming.ts [rounds]
 */
import { featureRecipe } from '../src/features/feature-recipes.js';
import type { FeatureRecipe, FeatureStream } from '../src/features/feature-recipe.js';
import { featureSet } from '../src/features/feature-sets.js';
import { derivedStream } from '../src/features/streaming/derived-stream.js';
import { LiveFeatures } from '../src/features/streaming/live-features.js';
import { v1Stream } from '../src/features/streaming/v1-stream.js';
import { v2Stream } from '../src/features/streaming/v2-stream.js';
import { randomCandles } from '../test/support/random-candles.js';
import { pushRow } from '../test/support/streams.js';

const ROWS = 100_000;
/** For the derived forms, which are slower. */
const FEWER_ROWS = 20_000;
const SYMBOLS = 1_000;
const MINUTES = 200;

const at = (sorted: Float64Array, share: number): number => sorted[Math.floor(share * (sorted.length - 1))];

/** Median and 99th percentile of single pushes, µs, with the clock's own cost in them; and the mean without it. */
function measurePushes(open: () => FeatureStream, rows = ROWS): string {
  const warmup = rows / 5;
  const candles = randomCandles({ rows, gaps: 0.02 });
  const stream = open();
  const times = new Float64Array(rows - warmup);
  for (let row = 0; row < warmup; row++) pushRow(stream, candles, row);
  for (let row = warmup; row < rows; row++) {
    const begin = process.hrtime.bigint();
    pushRow(stream, candles, row);
    times[row - warmup] = Number(process.hrtime.bigint() - begin) / 1000;
  }
  times.sort();
  const again = open();
  const begin = performance.now();
  for (let row = 0; row < rows; row++) pushRow(again, candles, row);
  const mean = ((performance.now() - begin) * 1000) / rows;
  return `median ${at(times, 0.5).toFixed(2)} us, p99 ${at(times, 0.99).toFixed(2)} us, p99.99 ${at(times, 0.9999).toFixed(0)} us a candle; mean ${mean.toFixed(2)} us; state ${stream.save().length} bytes`;
}

function measureSymbols(): string {
  const candles = randomCandles({ rows: MINUTES, gaps: 0.02 });
  const symbols = Array.from({ length: SYMBOLS }, () => new LiveFeatures(featureSet('v2-50'), v2Stream()));
  const times = new Float64Array(MINUTES);
  for (let row = 0; row < MINUTES; row++) {
    const candle = { time: candles.time[row], open: candles.open[row], high: candles.high[row], low: candles.low[row], close: candles.close[row], volume: candles.volume[row] };
    const begin = performance.now();
    for (const live of symbols) live.push(candle);
    times[row] = performance.now() - begin;
  }
  const full = times.slice(MINUTES / 2).sort();
  const begin = performance.now();
  const states = symbols.map((live) => live.save());
  const saved = performance.now();
  symbols.forEach((live, s) => live.restore(states[s]));
  const restored = performance.now();
  return (
    `${SYMBOLS} symbols, one minute: median ${at(full, 0.5).toFixed(1)} ms, slowest ${at(full, 1).toFixed(1)} ms; ` +
    `save all ${(saved - begin).toFixed(0)} ms, restore all ${(restored - saved).toFixed(0)} ms, ${(states.reduce((sum, { length }) => sum + length, 0) / 1e6).toFixed(1)} MB; heap and buffers ${((process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers) / 1e6).toFixed(0)} MB`
  );
}

const derived = (recipe: FeatureRecipe) => () => derivedStream(recipe);
const rounds = Number(process.argv[2] ?? 3);
for (let round = 0; round < rounds; round++) {
  console.log(`v1-31, its own form: ${measurePushes(v1Stream)}`);
  console.log(`v2-50, its own form: ${measurePushes(v2Stream)}`);
  console.log(`v1-31, derived:      ${measurePushes(derived(featureRecipe('v1-31')), FEWER_ROWS)}`);
  console.log(`v2-50, derived:      ${measurePushes(derived(featureRecipe('v2-50')), FEWER_ROWS)}`);
  console.log(measureSymbols());
}
