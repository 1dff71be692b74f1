/**
 * Indices that put `values` in ascending order, `[values]`; equal values keep their order.
 *
 * A radix sort, 16 bits at a time: the bit patterns of doubles that are not negative rise with the doubles themselves.
 * A comparison sort of 154,503 probabilities through a callback takes ten times as long.
 * @param values finite and >= 0.
 */
export function sortedOrder(values: Float64Array): Uint32Array {
  const count = values.length;
  // Adding 0 turns -0, whose sign bit would sort it last, into 0.
  const keys = Float64Array.from(values, (value) => value + 0);
  const digits = new Uint16Array(keys.buffer);
  const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  let order = new Uint32Array(count);
  for (let index = 0; index < count; index += 1) order[index] = index;
  let sorted = new Uint32Array(count);
  const starts = new Uint32Array(65_537);
  for (let pass = 0; pass < 4; pass += 1) {
    const offset = littleEndian ? pass : 3 - pass;
    starts.fill(0);
    for (let index = 0; index < count; index += 1) starts[digits[index * 4 + offset] + 1] += 1;
    for (let digit = 0; digit < 65_536; digit += 1) starts[digit + 1] += starts[digit];
    for (let position = 0; position < count; position += 1) {
      const index = order[position];
      sorted[starts[digits[index * 4 + offset]]++] = index;
    }
    [order, sorted] = [sorted, order];
  }
  return order;
}
