import { MINUTE_MS } from '../../candles/candles.js';
import type { FeatureDefinition } from '../own-feature-set.js';
import { logReturn, ratio } from './inputs.js';
import type { V3Inputs } from './inputs.js';
import { earlier, rowsSinceHighest, trailingMax, trailingMean, trailingMin, trailingSum } from './trailing-windows.js';

type Column = FeatureDefinition<V3Inputs>;
type Family = (window: number) => Column;

/** Keeps the logarithm of a volatility finite where nothing moves: a hundredth of a basis point. */
const SMALLEST_VOLATILITY = 1e-6;

const column = (name: string, warmupRows: number, compute: Column['compute']): Column => ({ name, warmupRows, compute });

/** `value(row)` for each row of the candles. */
function each({ close }: V3Inputs, value: (row: number) => number): Float64Array {
  const values = new Float64Array(close.length);
  for (let row = 0; row < values.length; row++) values[row] = value(row);
  return values;
}

/**
 * Log prices are squashed in units of 10 basis points: about linear for what a minute moves, logarithmic in the tails, so
 * that one crash does not set the scale of a column. Order is kept; trees see no difference.
 */
const TEN_BASIS_POINTS = 1e-3;
const squash = (logPrice: number): number => Math.asinh(logPrice / TEN_BASIS_POINTS);

/** Log return over `window` rows, squashed: `asinh(return / 10 bps)`. */
export const returns: Family = (window) => column(`return_${window}`, window, (inputs) => returnOver(inputs, window).map(squash));

/**
 * A family of log distances over a window in units of what a random walk of the last `over` rows' volatility moves in
 * `window` rows: `asinh(distance / (volatility * sqrt(window)))`.
 */
const normalised =
  (name: string, warmupRows: (window: number) => number, distance: (inputs: V3Inputs, window: number) => Float64Array) =>
  (over: number): Family =>
  (window) =>
    column(`${name}_${window}_by_${over}`, Math.max(warmupRows(window), over), (inputs) => {
      const moved = distance(inputs, window);
      const volatility = inputs.volatility(over);
      return each(inputs, (row) => Math.asinh(ratio(moved[row], volatility[row] * Math.sqrt(window))));
    });

/** Log return in units of volatility. */
export const normalisedReturn = normalised('return', (window) => window, returnOver);

/** Log distance of the close from the mean close, squashed as `returns`. */
export const closeToMean: Family = (window) => column(`close_to_mean_${window}`, window - 1, (inputs) => distanceFromMean(inputs, 'close', window).map(squash));

/** The same in units of volatility. */
export const normalisedCloseToMean = normalised('close_to_mean', (window) => window - 1, (inputs, window) => distanceFromMean(inputs, 'close', window));

/** From the mean of high and low, which a close that bounces between bid and ask does not move; in units of volatility. */
export const normalisedCloseToMid = normalised('close_to_mid', (window) => window - 1, (inputs, window) => distanceFromMean(inputs, 'middle', window));

/** Log distance of the close from the volume-weighted typical price, squashed as `returns`; 0 where nothing was traded. */
export const closeToVwap: Family = (window) => column(`close_to_vwap_${window}`, window - 1, (inputs) => distanceFromVwap(inputs, window).map(squash));

/** The same in units of volatility. */
export const normalisedCloseToVwap = normalised('close_to_vwap', (window) => window - 1, distanceFromVwap);

/** Where the close stands between the window's low (0) and high (1); 0.5 where they are one. */
export const positionInRange: Family = (window) =>
  column(`position_${window}`, window - 1, (inputs) => {
    const high = trailingMax(inputs.high, window);
    const low = trailingMin(inputs.low, window);
    return each(inputs, (row) => (high[row] === low[row] ? 0.5 : (inputs.close[row] - low[row]) / (high[row] - low[row])));
  });

/** Rows since the window's highest high, as a share of it. */
export const sinceHigh: Family = (window) => column(`since_high_${window}`, window - 1, ({ high }) => rowsSinceHighest(high, window).map((rows) => rows / window));

/** Rows since the window's lowest low, as a share of it. */
export const sinceLow: Family = (window) =>
  column(`since_low_${window}`, window - 1, ({ low }) => rowsSinceHighest(low.map((price) => -price), window).map((rows) => rows / window));

/** Logarithm of the volatility of 1-row returns. */
export const logVolatility: Family = (window) =>
  column(`log_volatility_${window}`, window, ({ volatility }) => volatility(window).map((value) => Math.log(value + SMALLEST_VOLATILITY)));

/** Logarithm of the mean range from low to high. */
export const logRange: Family = (window) =>
  column(`log_range_${window}`, window - 1, ({ ranges }) => trailingMean(ranges, window).map((value) => Math.log(value + SMALLEST_VOLATILITY)));

/** Volatility over the shorter window as a share of that and the longer one's: 0.5 when they agree. */
export const volatilityShare = (shorter: number, longer: number): Column =>
  column(`volatility_share_${shorter}_${longer}`, longer, ({ volatility }) => shareOf(volatility(shorter), volatility(longer)));

/** Volume of rising candles less that of falling ones, as a share of all. */
export const bodyFlow: Family = (window) =>
  column(`body_flow_${window}`, window - 1, (inputs) =>
    weightedByVolume(inputs, 'bodies', window),
  );

/** Close location (-1 at the low, 1 at the high) weighted by volume. */
export const locationFlow: Family = (window) => column(`location_flow_${window}`, window - 1, (inputs) => weightedByVolume(inputs, 'location', window));

/** Volume of rows that rose less that of rows that fell, as a share of all. */
export const returnSignFlow: Family = (window) => column(`sign_flow_${window}`, window, (inputs) => weightedByVolume(inputs, 'signs', window));

/** Mean close location, -1 to 1. */
export const meanLocation: Family = (window) => column(`location_${window}`, window - 1, ({ location }) => trailingMean(location, window));

/** 1-row return weighted by volume, in units of volatility, squashed by asinh. */
export const returnFlow: Family = (window) =>
  column(`return_flow_${window}`, Math.max(window, 60), (inputs) => {
    const flow = weightedByVolume(inputs, 'returns', window);
    const volatility = inputs.volatility(60);
    return each(inputs, (row) => Math.asinh(ratio(flow[row], volatility[row])));
  });

/** Share of rows whose close did not move. */
export const still: Family = (window) =>
  column(`still_${window}`, window, ({ returns }) => trailingMean(returns.map((value) => (Number.isNaN(value) ? NaN : value === 0 ? 1 : 0)), window));

/** Rows that rose less rows that fell, as a share. */
export const upLessDown: Family = (window) => column(`up_less_down_${window}`, window, ({ signs }) => trailingMean(signs, window));

/**
 * Autocorrelation of 1-row returns at one row, about 0: below it the price bounces, above it it trends. Both series are in
 * the divisor, so that it stays within -1 to 1 as a crash leaves the window: `2 sum(r[t] r[t-1]) / sum(r[t]^2 + r[t-1]^2)`.
 */
export const autocorrelation: Family = (window) =>
  column(`autocorrelation_${window}`, window + 1, (inputs) => {
    const { returns: moves, squares, once } = inputs;
    const products = once('products', () => each(inputs, (row) => (row === 0 ? NaN : 2 * moves[row] * moves[row - 1])));
    const both = once('squares of both', () => each(inputs, (row) => (row === 0 ? NaN : squares[row] + squares[row - 1])));
    return ratios(trailingSum(products, window), trailingSum(both, window));
  });

/** Sum of signed squared returns over that of squared ones: 1 when all that moved went up. */
export const signedVariance: Family = (window) =>
  column(`signed_variance_${window}`, window, (inputs) => {
    const { returns: moves, once } = inputs;
    const signed = once('signed squares', () => each(inputs, (row) => moves[row] * Math.abs(moves[row])));
    return ratios(trailingSum(signed, window), sumOfSquares(inputs, window));
  });

/** Squared returns from close to close as a share of those and of squared ranges: how much of the motion lasts. */
export const closeShareOfRange: Family = (window) =>
  column(`close_share_of_range_${window}`, window, (inputs) => {
    const { ranges, once } = inputs;
    const squared = once('squared ranges', () => each(inputs, (row) => ranges[row] * ranges[row]));
    return shareOf(sumOfSquares(inputs, window), trailingSum(squared, window));
  });

/** Logarithm of minutes a row: 0 where no minute was without a trade. */
export const logMinutesPerRow: Family = (window) =>
  column(`log_minutes_per_row_${window}`, window, (inputs) => {
    const before = earlier(inputs.time, window);
    return each(inputs, (row) => Math.log((inputs.time[row] - before[row]) / MINUTE_MS / window));
  });

const CYCLES = { hour: 60 * MINUTE_MS, day: 1440 * MINUTE_MS, week: 7 * 1440 * MINUTE_MS };

/** Where the candle stands in the hour, the day (UTC) or the week, as a point on a circle. */
export const cyclicTime = (cycle: keyof typeof CYCLES): readonly Column[] =>
  (['sin', 'cos'] as const).map((side) =>
    column(`${cycle}_${side}`, 0, ({ time }) => time.map((ms) => Math[side]((2 * Math.PI * (ms % CYCLES[cycle])) / CYCLES[cycle]))),
  );

function returnOver({ once, close }: V3Inputs, window: number): Float64Array {
  return once(`return ${window}`, () => logReturn(close, window));
}

function distanceFromMean(inputs: V3Inputs, of: 'close' | 'middle', window: number): Float64Array {
  return inputs.once(`${of} from mean ${window}`, () => {
    const mean = trailingMean(inputs[of], window);
    return each(inputs, (row) => Math.log(inputs.close[row] / mean[row]));
  });
}

function distanceFromVwap(inputs: V3Inputs, window: number): Float64Array {
  const traded = tradedVolume(inputs, window);
  const value = trailingSum(inputs.tradedValue, window);
  return each(inputs, (row) => (traded[row] === 0 ? 0 : Math.log((inputs.close[row] * traded[row]) / value[row])));
}

function weightedByVolume(inputs: V3Inputs, of: 'returns' | 'signs' | 'bodies' | 'location', window: number): Float64Array {
  const weighted = inputs.once(`${of} volume`, () => each(inputs, (row) => inputs[of][row] * inputs.volume[row]));
  return ratios(trailingSum(weighted, window), tradedVolume(inputs, window));
}

const tradedVolume = ({ once, volume }: V3Inputs, window: number): Float64Array => once(`volume ${window}`, () => trailingSum(volume, window));
const sumOfSquares = ({ once, squares }: V3Inputs, window: number): Float64Array => once(`squares ${window}`, () => trailingSum(squares, window));

function ratios(above: Float64Array, below: Float64Array): Float64Array {
  return above.map((value, row) => ratio(value, below[row]));
}

function shareOf(part: Float64Array, other: Float64Array): Float64Array {
  return part.map((value, row) => ratio(value, value + other[row]));
}
