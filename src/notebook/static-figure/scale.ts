import type { PlotlyAxis } from '../../report/figures/plotly-figure.js';

export type AxisValue = number | string;

/** One axis made ready to draw: where a value stands, and its ticks. */
export interface Scale {
  readonly axis: PlotlyAxis;
  /** Pixels at which the axis begins and ends. */
  readonly pixels: readonly [number, number];
  position(value: AxisValue): number;
  readonly ticks: readonly { readonly position: number; readonly label: string }[];
  /** Pixels a category takes. */
  readonly band: number;
}

/** The scale of `axis` for all `values` drawn on it, from `pixels[0]` to `pixels[1]`. Bars grow from 0: `fromZero`. */
export function makeScale(axis: PlotlyAxis, values: readonly AxisValue[], pixels: readonly [number, number], fromZero: boolean): Scale {
  if (axis.type === 'category' || values.some((value) => typeof value === 'string')) return categoryScale(axis, values, pixels);
  if (axis.type === 'log') return logScale(axis, values, pixels);
  const range = axis.range ?? rangeOf(values.filter((value): value is number => typeof value === 'number'), fromZero);
  const [low, high] = range[0] === range[1] ? [range[0] - 0.5, range[1] + 0.5] : range;
  const length = pixels[1] - pixels[0];
  const position = (value: AxisValue): number => pixels[0] + ((Number(value) - low) / (high - low)) * length;
  const count = typeof axis.nticks === 'number' ? axis.nticks : Math.max(3, Math.abs(length) / 70);
  const ticks = niceTicks(low, high, count, axis.type === 'date').map((value) => ({ position: position(value), label: tickText(axis, value) }));
  return { axis, pixels, position, ticks, band: Math.abs(length) };
}

/** As plotly has it, `axis.range` is in powers of ten. What is not above 0, such as the foot of a bar, stands at the axis' beginning. */
function logScale(axis: PlotlyAxis, values: readonly AxisValue[], pixels: readonly [number, number]): Scale {
  const powers = values.flatMap((value) => (Number(value) > 0 ? [Math.log10(Number(value))] : []));
  const [low, high] = axis.range ?? [Math.floor(Math.min(...powers, 0)), Math.ceil(Math.max(...powers, 1))];
  const length = pixels[1] - pixels[0];
  const position = (value: AxisValue): number => (Number(value) > 0 ? pixels[0] + ((Math.log10(Number(value)) - low) / (high - low)) * length : pixels[0]);
  const decades = Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, index) => 10 ** (Math.ceil(low) + index));
  return { axis, pixels, position, ticks: decades.map((value) => ({ position: position(value), label: tickText(axis, value) })), band: Math.abs(length) };
}

function categoryScale(axis: PlotlyAxis, values: readonly AxisValue[], pixels: readonly [number, number]): Scale {
  const names = [...new Set(values.map(String))];
  const [start, end] = axis.autorange === 'reversed' ? [pixels[1], pixels[0]] : pixels;
  const band = (end - start) / Math.max(1, names.length);
  const position = (value: AxisValue): number => start + (names.indexOf(String(value)) + 0.5) * band;
  return { axis, pixels, position, ticks: names.map((name) => ({ position: position(name), label: name })), band: Math.abs(band) };
}

function rangeOf(values: readonly number[], fromZero: boolean): readonly [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const low = finite.reduce((least, value) => Math.min(least, value), fromZero ? 0 : Infinity);
  const high = finite.reduce((greatest, value) => Math.max(greatest, value), -Infinity);
  const margin = (high - low) * 0.05;
  return [fromZero && low === 0 ? 0 : low - margin, high + margin];
}

const DAY = 86_400_000;

/** Round values between `low` and `high`, about `count` of them; for dates whole days, or whole hours of one. */
function niceTicks(low: number, high: number, count: number, date: boolean): number[] {
  const rough = (high - low) / count;
  const step = date ? dateStep(rough) : decimalStep(rough);
  const ticks: number[] = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++) ticks.push(index * step || 0);
  return ticks;
}

function decimalStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10);
}

function dateStep(rough: number): number {
  const steps = [DAY / 24, DAY / 8, DAY / 4, DAY / 2, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 180 * DAY];
  return steps.find((step) => step >= rough) ?? 365 * DAY;
}

function tickText(axis: PlotlyAxis, value: number): string {
  if (axis.type === 'date') return new Date(value).toISOString().slice(0, value % DAY === 0 ? 10 : 16).replace('T', ' ');
  if (typeof axis.tickformat === 'string' && axis.tickformat.endsWith('%')) return `${Math.round(value * 1000) / 10} %`;
  return value.toLocaleString('en-US', { maximumSignificantDigits: 6 });
}
