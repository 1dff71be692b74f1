import fc from 'fast-check';

/** Prices in whole cents, few enough apart that ties are common. */
export const prices = (most = 130): fc.Arbitrary<Float64Array> =>
  fc.array(fc.integer({ min: 9_900, max: 10_100 }), { minLength: 1, maxLength: most }).map((cents) => Float64Array.from(cents, (cent) => cent / 100));

/** Volumes, often zero. */
export const volumes = (most = 60): fc.Arbitrary<Float64Array> =>
  fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1000, noNaN: true })), { minLength: 1, maxLength: most }).map((values) => Float64Array.from(values));

/** The last `count` values up to and including `row`, oldest first; fewer at the head. */
export function lastValues(values: Float64Array, row: number, count: number): number[] {
  return Array.from(values.slice(Math.max(0, row - count + 1), row + 1));
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
export const mean = (values: readonly number[]): number => sum(values) / values.length;

/** Calls `check` for each row of `actual`. */
export function eachRow(actual: Float64Array, check: (row: number, value: number) => void): void {
  actual.forEach((value, row) => check(row, value));
}
