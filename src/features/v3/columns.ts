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
const each = ({ close }: V3Inputs, value: (row: number) => number): Float64Array => close.map((_, row) => value(row));

/** Log return over `window` rows. */
export const returns: Family = (window) => column(`return_${window}`, window, ({ close }) => logReturn(close, window));

/** The same in units of what a random walk of the last 60 rows' volatility moves in that time. */
export const normalisedReturn: Family = (window) =>
  column(`return_normalised_${window}`, Math.max(window, 60), (inputs) => {
    const moved = logReturn(inputs.close, window);
    const volatility = inputs.volatility(60);
    return each(inputs, (row) => ratio(moved[row], volatility[row] * Math.sqrt(window)));
  });

/** Log distance of the close from the mean close. */
export const closeToMean: Family = (window) =>
  column(`close_to_mean_${window}`, window - 1, (inputs) => {
    const mean = trailingMean(inputs.close, window);
    return each(inputs, (row) => Math.log(inputs.close[row] / mean[row]));
  });

/** The same in units of volatility, as `normalisedReturn`; from the mean of high and low, which a bouncing close does not move. */
export const closeToMid: Family = (window) =>
  column(`close_to_mid_normalised_${window}`, Math.max(window - 1, 60), (inputs) => {
    const mean = trailingMean(each(inputs, (row) => (inputs.high[row] + inputs.low[row]) / 2), window);
    const volatility = inputs.volatility(60);
    return each(inputs, (row) => ratio(Math.log(inputs.close[row] / mean[row]), volatility[row] * Math.sqrt(window)));
  });

/** Log distance of the close from the volume-weighted typical price; 0 where nothing was traded. */
export const closeToVwap: Family = (window) =>
  column(`close_to_vwap_${window}`, window - 1, (inputs) => {
    const { high, low, close, volume } = inputs;
    const traded = trailingSum(volume, window);
    const value = trailingSum(each(inputs, (row) => ((close[row] + high[row] + low[row]) / 3) * volume[row]), window);
    return each(inputs, (row) => (traded[row] === 0 ? 0 : Math.log((close[row] * traded[row]) / value[row])));
  });

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

/** The same of the mean volume. */
export const volumeShare = (shorter: number, longer: number): Column =>
  column(`volume_share_${shorter}_${longer}`, longer - 1, ({ volume }) => shareOf(trailingMean(volume, shorter), trailingMean(volume, longer)));

/** Volume of rising candles less that of falling ones, as a share of all. */
export const bodyFlow: Family = (window) =>
  column(`body_flow_${window}`, window - 1, (inputs) =>
    weightedByVolume(inputs, each(inputs, (row) => Math.sign(inputs.close[row] - inputs.open[row])), window),
  );

/** Close location (-1 at the low, 1 at the high) weighted by volume. */
export const locationFlow: Family = (window) => column(`location_flow_${window}`, window - 1, (inputs) => weightedByVolume(inputs, inputs.location, window));

/** Mean close location, -1 to 1. */
export const meanLocation: Family = (window) => column(`location_${window}`, window - 1, ({ location }) => trailingMean(location, window));

/** 1-row return weighted by volume, in units of volatility. */
export const returnFlow: Family = (window) =>
  column(`return_flow_${window}`, Math.max(window, 60), (inputs) => {
    const flow = weightedByVolume(inputs, inputs.returns, window);
    const volatility = inputs.volatility(60);
    return each(inputs, (row) => ratio(flow[row], volatility[row]));
  });

/** Share of rows whose close did not move. */
export const still: Family = (window) =>
  column(`still_${window}`, window, ({ returns }) => trailingMean(returns.map((value) => (Number.isNaN(value) ? NaN : value === 0 ? 1 : 0)), window));

/** Rows that rose less rows that fell, as a share. */
export const upLessDown: Family = (window) => column(`up_less_down_${window}`, window, ({ returns }) => trailingMean(returns.map(Math.sign), window));

/** Autocorrelation of 1-row returns at one row, about 0: below it the price bounces, above it it trends. */
export const autocorrelation: Family = (window) =>
  column(`autocorrelation_${window}`, window + 1, (inputs) => {
    const previous = earlier(inputs.returns, 1);
    return ratios(trailingSum(each(inputs, (row) => inputs.returns[row] * previous[row]), window), trailingSum(inputs.squares, window));
  });

/** Sum of signed squared returns over that of squared ones: 1 when all that moved went up. */
export const signedVariance: Family = (window) =>
  column(`signed_variance_${window}`, window, ({ returns, squares }) =>
    ratios(trailingSum(returns.map((value) => value * Math.abs(value)), window), trailingSum(squares, window)),
  );

/** Squared returns from close to close as a share of those and of squared ranges: how much of the motion lasts. */
export const closeShareOfRange: Family = (window) =>
  column(`close_share_of_range_${window}`, window, ({ squares, ranges }) => shareOf(trailingSum(squares, window), trailingSum(ranges.map((value) => value * value), window)));

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

function weightedByVolume(inputs: V3Inputs, values: Float64Array, window: number): Float64Array {
  return ratios(trailingSum(each(inputs, (row) => values[row] * inputs.volume[row]), window), trailingSum(inputs.volume, window));
}

function ratios(above: Float64Array, below: Float64Array): Float64Array {
  return above.map((value, row) => ratio(value, below[row]));
}

function shareOf(part: Float64Array, other: Float64Array): Float64Array {
  return part.map((value, row) => ratio(value, value + other[row]));
}
