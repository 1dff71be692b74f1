import type { NamedColumn } from '../named-columns.js';

/** Each NaN takes the last value before it. In place. */
export function fillForward(values: Float64Array): void {
  for (let i = 1; i < values.length; i++) if (Number.isNaN(values[i])) values[i] = values[i - 1];
}

/** Each NaN takes the next value after it: rows at the head show the FUTURE. In place. */
export function fillBackward(values: Float64Array): void {
  for (let i = values.length - 2; i >= 0; i--) if (Number.isNaN(values[i])) values[i] = values[i + 1];
}

/** The original's filling of every column: forward, then backward. */
export function* filled(columns: Iterable<NamedColumn>): Generator<NamedColumn> {
  for (const [name, values] of columns) {
    fillForward(values);
    fillBackward(values);
    yield [name, values];
  }
}
