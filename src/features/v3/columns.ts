import { MINUTE_MS } from '../../candles/candles.js';
import type { FeatureDefinition } from '../own-feature-set.js';
import { ratio } from './inputs.js';
import type { V3Inputs } from './inputs.js';
import { trailingQuantiles } from './order-statistics.js';
import { rowsSinceHighest, rowsSinceLowest, trailingAgeSums, trailingMax, trailingMean, trailingMin, trailingSum } from './trailing-windows.js';

type Column = FeatureDefinition<V3Inputs>;
type Family = (window: number) => Column;

/** Keeps the logarithm of a volatility finite where nothing moves: a hundredth of a basis point. */
const SMALLEST_VOLATILITY = 1e-6;
/** Rows of the volatility that distances are measured in. */
const UNIT_ROWS = 60;

const column = (name: string, warmupRows: number, compute: Column['compute']): Column => ({ name, warmupRows, compute });

/** `value(row)` for each row from `from` on; those before are not to be read. */
function each({ close, firstRow }: V3Inputs, value: (row: number) => number, from = firstRow): Float64Array {
  const values = new Float64Array(close.length);
  for (let row = Math.max(0, from); row < values.length; row++) values[row] = value(row);
  return values;
}

/**
 * Log distances are squashed in units of 10 basis points: about linear for what a minute moves, logarithmic in the tails, so
 * that one crash does not set the scale of a column. Order is kept; trees see no difference.
 */
const TEN_BASIS_POINTS = 1e-3;

/** `asinh(distance / 10 bps)`. */
const inBasisPoints = (name: string, warmupRows: number, distance: (inputs: V3Inputs) => (row: number) => number): Column =>
  column(name, warmupRows, (inputs) => {
    const of = distance(inputs);
    return each(inputs, (row) => Math.asinh(of(row) / TEN_BASIS_POINTS));
  });

/** The same distance in units of what a random walk of the last 60 rows' volatility moves in `window` rows: `asinh(distance / (volatility * sqrt(window)))`. */
const inVolatility = (name: string, warmupRows: number, window: number, distance: (inputs: V3Inputs) => (row: number) => number): Column =>
  column(`${name}_by_${UNIT_ROWS}`, Math.max(warmupRows, UNIT_ROWS), (inputs) => {
    const of = distance(inputs);
    const volatility = inputs.volatility(UNIT_ROWS);
    const walk = Math.sqrt(window);
    return each(inputs, (row) => Math.asinh(ratio(of(row), volatility[row] * walk)));
  });

/** Log return over `window` rows. */
export const returns: Family = (window) =>
  inBasisPoints(`return_${window}`, window, ({ close }) => (row) => (row < window ? NaN : Math.log(close[row] / close[row - window])));

/** Where the close stands between the window's low (0) and high (1); 0.5 where they are one. */
export const positionInRange: Family = (window) =>
  column(`position_${window}`, window - 1, (inputs) => {
    const high = trailingMax(inputs.high, window, inputs.firstRow);
    const low = trailingMin(inputs.low, window, inputs.firstRow);
    return each(inputs, (row) => (high[row] === low[row] ? 0.5 : (inputs.close[row] - low[row]) / (high[row] - low[row])));
  });

/**
 * The straight line of least squares through the log closes of the window: `rise`, from its first row to its last, and where
 * it `ends`. With `S` their sum and `A` their sum times age, the slope a row is `6 ((w - 1) S - 2 A) / (w (w^2 - 1))`.
 */
function lineThrough(inputs: V3Inputs, window: number): { rise: (row: number) => number; end: (row: number) => number } {
  const { sums, ageSums } = inputs.once(`line ${window}`, () => trailingAgeSums(inputs.logClose, window, inputs.firstRow));
  const rise = (row: number): number => (6 * ((window - 1) * sums[row] - 2 * ageSums[row])) / (window * (window + 1));
  return { rise, end: (row) => sums[row] / window + rise(row) / 2 };
}

const aboveLine = (window: number) => (inputs: V3Inputs) => {
  const { end } = lineThrough(inputs, window);
  return (row: number): number => inputs.logClose[row] - end(row);
};

/** Log distance of the close from the end of the line through the window: what bounces back once the trend is taken off. */
export const closeToLine: Family = (window) => inBasisPoints(`close_to_line_${window}`, window - 1, aboveLine(window));
export const normalisedCloseToLine: Family = (window) => inVolatility(`close_to_line_${window}`, window - 1, window, aboveLine(window));

/** What that line rises over the window: a return that does not hang on its two ends. */
export const lineRise: Family = (window) => inBasisPoints(`line_rise_${window}`, window - 1, (inputs) => lineThrough(inputs, window).rise);
export const normalisedLineRise: Family = (window) => inVolatility(`line_rise_${window}`, window - 1, window, (inputs) => lineThrough(inputs, window).rise);

const betweenMeans = (shorter: number, longer: number) => (inputs: V3Inputs) => {
  const [near, far] = [shorter, longer].map((rows) => inputs.once(`mean ${rows}`, () => trailingMean(inputs.logClose, rows, inputs.firstRow)));
  return (row: number): number => near[row] - far[row];
};

/** Log distance of a shorter mean of the log close from a longer one. */
export const meanToMean = (shorter: number, longer: number): Column => inBasisPoints(`mean_${shorter}_to_${longer}`, longer - 1, betweenMeans(shorter, longer));
export const normalisedMeanToMean = (shorter: number, longer: number): Column =>
  inVolatility(`mean_${shorter}_to_${longer}`, longer - 1, longer, betweenMeans(shorter, longer));

/** The percentiles of the log close that v3 looks at. */
const PERCENTILES = [10, 25, 50, 75, 90];

/** How many rows before the first one wanted a percentile is looked up. */
const PERCENTILES_BACK = 60;

/** One of them over the window. */
function percentileOfClose(inputs: V3Inputs, window: number, percent: number): Float64Array {
  const shares = PERCENTILES.map((each) => each / 100);
  const all = inputs.once(`percentiles ${window}`, () => trailingQuantiles(inputs.logClose, window, shares, inputs.firstRow - PERCENTILES_BACK));
  return all[PERCENTILES.indexOf(percent)];
}

/** Log distance of the close from a percentile of the window's closes; the 50th is the median. */
export const closeToPercentile = (percent: 10 | 25 | 50 | 75 | 90) => (window: number): Column =>
  inBasisPoints(`close_to_percentile_${percent}_${window}`, window - 1, (inputs) => {
    const level = percentileOfClose(inputs, window, percent);
    return (row) => inputs.logClose[row] - level[row];
  });

/** From the window's lower quartile of closes to its upper one. */
export const quartileRange: Family = (window) =>
  inBasisPoints(`quartile_range_${window}`, window - 1, (inputs) => {
    const [lower, upper] = [25, 75].map((percent) => percentileOfClose(inputs, window, percent));
    return (row) => upper[row] - lower[row];
  });

/** The middle of the candle, which no bounce between bid and ask moves, against the median of the window's middles. */
export const middleToMedian: Family = (window) =>
  inBasisPoints(`middle_to_median_${window}`, window - 1, (inputs) => {
    const [median] = trailingQuantiles(inputs.logMiddle, window, [0.5], inputs.firstRow);
    return (row) => inputs.logMiddle[row] - median[row];
  });

/** What the median close of `window` rows has moved in `over` rows: a return of which single trades do not matter. */
export const medianReturn = (window: number) => (over: number): Column =>
  inBasisPoints(`median_${window}_return_${over}`, window - 1 + over, (inputs) => {
    const median = percentileOfClose(inputs, window, 50);
    return (row) => (row < over ? NaN : median[row] - median[row - over]);
  });

/** Share of the window's rows whose close was above the median of the window that ended with them, less the share of those below. */
export const aboveMedian: Family = (window) =>
  column(`above_median_${window}`, 2 * (window - 1), (inputs) => {
    const from = inputs.firstRow - window + 1;
    const median = percentileOfClose(inputs, window, 50);
    const sides = each(inputs, (row) => Math.sign(inputs.logClose[row] - median[row]), from);
    return trailingMean(sides, window, inputs.firstRow);
  });

/** Share of the window's rows whose close was above the one `over` rows before: how often the label's own question was lately a yes. */
export const shareRisen = (over: number, window: number): Column => ofMoves(`risen_${over}_in_${window}`, over, window, (move) => (move > 0 ? 1 : 0));

/** The same less the share of rows whose close was below: rows that stand still count for neither side. */
export const netRisen = (over: number, window: number): Column => ofMoves(`net_risen_${over}_in_${window}`, over, window, Math.sign);

function ofMoves(name: string, over: number, window: number, count: (move: number) => number): Column {
  return column(name, over + window - 1, (inputs) => {
    const { close, firstRow } = inputs;
    const moves = each(inputs, (row) => (row < over ? NaN : count(close[row] - close[row - over])), firstRow - window + 1);
    return trailingMean(moves, window, firstRow);
  });
}

/** Rows since the window's highest high, as a share of it. */
export const sinceHigh: Family = (window) => column(`since_high_${window}`, window - 1, (inputs) => shareOfWindow(inputs, rowsSinceHighest(inputs.high, window, inputs.firstRow), window));

/** Rows since the window's lowest low, as a share of it. */
export const sinceLow: Family = (window) =>
  column(`since_low_${window}`, window - 1, (inputs) => shareOfWindow(inputs, rowsSinceLowest(inputs.low, window, inputs.firstRow), window));

/** Volume of candles that closed above their open less that of those below, as a share of all; 0 without volume. */
export const bodyFlow: Family = (window) =>
  column(`body_flow_${window}`, window - 1, (inputs) => {
    const flow = weightedByVolume(inputs, window, (row) => Math.sign(inputs.close[row] - inputs.open[row]));
    return each(inputs, flow);
  });

/** 1-row return weighted by volume, in units of volatility, squashed by asinh; 0 without volume. */
export const returnFlow: Family = (window) =>
  column(`return_flow_${window}`, Math.max(window, UNIT_ROWS), (inputs) => {
    const flow = weightedByVolume(inputs, window, (row) => inputs.returns[row]);
    const volatility = inputs.volatility(UNIT_ROWS);
    return each(inputs, (row) => Math.asinh(ratio(flow(row), volatility[row])));
  });

/** Logarithm of the volatility of 1-row returns. */
export const logVolatility: Family = (window) =>
  column(`log_volatility_${window}`, window, (inputs) => {
    const volatility = inputs.volatility(window);
    return each(inputs, (row) => Math.log(volatility[row] + SMALLEST_VOLATILITY));
  });

/** Logarithm of the mean range from low to high. */
export const logRange: Family = (window) =>
  column(`log_range_${window}`, window - 1, (inputs) => {
    const range = trailingMean(inputs.ranges, window, inputs.firstRow);
    return each(inputs, (row) => Math.log(range[row] + SMALLEST_VOLATILITY));
  });

/** Volatility over the shorter window as a share of that and the longer one's: 0.5 when they agree, and where nothing moves. */
export const volatilityShare = (shorter: number, longer: number): Column =>
  column(`volatility_share_${shorter}_${longer}`, longer, (inputs) => {
    const [near, far] = [inputs.volatility(shorter), inputs.volatility(longer)];
    return each(inputs, (row) => (near[row] + far[row] === 0 ? 0.5 : near[row] / (near[row] + far[row])));
  });

/** Logarithm of minutes a row: 0 where no minute was without a trade. */
export const logMinutesPerRow: Family = (window) =>
  column(`log_minutes_per_row_${window}`, window, (inputs) =>
    each(inputs, (row) => (row < window ? NaN : Math.log((inputs.time[row] - inputs.time[row - window]) / MINUTE_MS / window))),
  );

const CYCLES = { hour: 60 * MINUTE_MS, day: 1440 * MINUTE_MS };

/** Where the candle stands in the hour or the day (UTC), as a point on a circle. */
export const cyclicTime = (cycle: keyof typeof CYCLES): readonly Column[] =>
  (['sin', 'cos'] as const).map((side) =>
    column(`${cycle}_${side}`, 0, (inputs) => each(inputs, (row) => Math[side]((2 * Math.PI * (inputs.time[row] % CYCLES[cycle])) / CYCLES[cycle]))),
  );

function weightedByVolume(inputs: V3Inputs, window: number, value: (row: number) => number): (row: number) => number {
  const { volume, firstRow, once } = inputs;
  const weighted = each(inputs, (row) => value(row) * volume[row], firstRow - window + 1);
  const sums = trailingSum(weighted, window, firstRow);
  const traded = once(`volume ${window}`, () => trailingSum(volume, window, firstRow));
  return (row) => ratio(sums[row], traded[row]);
}

const shareOfWindow = (inputs: V3Inputs, since: Float64Array, window: number): Float64Array => each(inputs, (row) => since[row] / window);
