import { defineFeatureSet } from '../../src/features/own-feature-set.js';
import type { FeatureDefinition } from '../../src/features/own-feature-set.js';
import * as column from '../../src/features/v3/columns.js';
import { ratio, v3Inputs } from '../../src/features/v3/inputs.js';
import type { V3Inputs } from '../../src/features/v3/inputs.js';
import { trailingMean } from '../../src/features/v3/trailing-windows.js';

type Column = FeatureDefinition<V3Inputs>;

/** `value(row)` in units of the last 60 rows' volatility. */
const byVolatility = (name: string, value: (inputs: V3Inputs, row: number) => number): Column => ({
  name,
  warmupRows: 60,
  compute: (inputs) => inputs.volatility(60).map((volatility, row) => ratio(value(inputs, row), volatility)),
});

/** This candle's value as a share of itself and the mean of the last `window`. */
const againstMean = (name: string, window: number, values: (inputs: V3Inputs) => Float64Array): Column => ({
  name: `${name}_${window}`,
  warmupRows: window - 1,
  compute: (inputs) => trailingMean(values(inputs), window).map((mean, row) => ratio(values(inputs)[row], values(inputs)[row] + mean)),
});

/** What v3 has to beat: 27 scale-free columns anyone would write down first. */
export const SIMPLE_27 = defineFeatureSet<V3Inputs>({
  name: 'simple-27',
  inputs: v3Inputs,
  features: [
    ...[1, 2, 3, 5, 10, 15, 30, 60, 120, 240].map(column.returns),
    ...[15, 60, 240].map(column.logVolatility),
    ...[15, 60, 240].map(column.positionInRange),
    ...[60, 240].map((window) => againstMean('volume', window, ({ volume }) => volume)),
    againstMean('range', 60, ({ ranges }) => ranges),
    byVolatility('body', ({ open, close }, row) => Math.log(close[row] / open[row])),
    byVolatility('upper_wick', ({ open, high, close }, row) => Math.log(high[row] / Math.max(open[row], close[row]))),
    byVolatility('lower_wick', ({ open, low, close }, row) => Math.log(Math.min(open[row], close[row]) / low[row])),
    column.logMinutesPerRow(60),
    ...column.cyclicTime('hour'),
    ...column.cyclicTime('day'),
  ],
});

export default SIMPLE_27;
