import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sortedOrder } from '../../src/evaluation/sorted-order.js';

it('puts any probabilities in ascending order, equal ones as they came', () => {
  const value = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, -0, 0.5, 1, 5e-324, 1 - 2 ** -53));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 80 }), (values) => {
      const expected = values.map((_, index) => index).sort((a, b) => values[a] - values[b] || a - b);
      expect([...sortedOrder(Float64Array.from(values))]).toEqual(expected);
    }),
  );
});
