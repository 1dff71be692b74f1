/** Random numbers in [0, 1) that repeat for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;
const below = (random: Random, end: number): number => Math.floor(random() * end);
const pick = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)];

/** Numbers at which length and offset arithmetic goes wrong. */
const LENGTHS = [0n, 1n, 0x7fn, 0x80n, 0xffn, 0xffffn, 0x7fffffffn, 0x80000000n, 0xffffffffn, 2n ** 31n - 8n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 64n - 1n];

type Mutation = (bytes: Uint8Array, random: Random, seeds: readonly Uint8Array[]) => Uint8Array;

/** Attacks on the front of a file reach its headers; those on the whole mostly hit numbers. */
function somewhere(random: Random, length: number): number {
  const range = random() < 0.4 ? Math.min(length, 256) : length;
  return random() < 0.2 ? length - 1 - below(random, range) : below(random, range);
}

const flipBits: Mutation = (bytes, random) => {
  const flipped = bytes.slice();
  for (let i = 0; i <= below(random, 8); i++) {
    const at = somewhere(random, flipped.length);
    flipped[at] = (flipped[at]) ^ (1 << below(random, 8));
  }
  return flipped;
};

const setBytes: Mutation = (bytes, random) => {
  const set = bytes.slice();
  for (let i = 0; i <= below(random, 6); i++) set[somewhere(random, set.length)] = pick(random, [0, 1, 0x7f, 0x80, 0xff, below(random, 256)]);
  return set;
};

const truncate: Mutation = (bytes, random) => bytes.slice(0, below(random, bytes.length));

const remove: Mutation = (bytes, random) => {
  const start = somewhere(random, bytes.length);
  const end = start + 1 + below(random, Math.min(64, bytes.length - start));
  return joined(bytes.subarray(0, start), bytes.subarray(end));
};

const duplicate: Mutation = (bytes, random) => {
  const start = somewhere(random, bytes.length);
  const part = bytes.subarray(start, start + 1 + below(random, 512));
  const copies = Array.from({ length: 1 + below(random, 4) }, () => part);
  return joined(bytes.subarray(0, start), ...copies, bytes.subarray(start));
};

const splice: Mutation = (bytes, random, seeds) => {
  const other = pick(random, seeds);
  return joined(bytes.subarray(0, somewhere(random, bytes.length)), other.subarray(somewhere(random, other.length)));
};

const overwriteWithOther: Mutation = (bytes, random, seeds) => {
  const other = pick(random, seeds);
  const from = somewhere(random, other.length);
  const part = other.subarray(from, from + 1 + below(random, 128));
  const result = bytes.slice();
  const at = below(random, Math.max(1, result.length - part.length));
  result.set(part.subarray(0, result.length - at), at);
  return result;
};

const attackLength: Mutation = (bytes, random) => {
  const attacked = bytes.slice();
  const size = pick(random, [1, 2, 4, 8].filter((each) => each <= attacked.length));
  const at = Math.min(somewhere(random, attacked.length), attacked.length - size);
  let value = pick(random, LENGTHS) + BigInt(below(random, 3) - 1);
  for (let i = 0; i < size; i++) {
    attacked[at + i] = Number(BigInt.asUintN(8, value));
    value >>= 8n;
  }
  return attacked;
};

/** Changes a number written as text: CSV cells, JSON headers. */
const attackText: Mutation = (bytes, random) => {
  const digits: number[] = [];
  for (let i = 0; i < Math.min(bytes.length, 4096); i++) if ((bytes[i]) >= 0x30 && (bytes[i]) <= 0x39) digits.push(i);
  if (digits.length === 0) return flipBits(bytes, random, []);
  const at = pick(random, digits);
  const text = pick(random, ['-', '9'.repeat(20), '0', 'e999', 'NaN', '.', '"', ',', '\n', '[', ']', '{', '}', '\0', '\\u0000', '1e-400']);
  return joined(bytes.subarray(0, at), Buffer.from(text), bytes.subarray(at + 1));
};

const MUTATIONS: readonly Mutation[] = [flipBits, flipBits, setBytes, setBytes, truncate, remove, duplicate, splice, overwriteWithOther, attackLength, attackLength, attackText];
const LARGEST = 1 << 20;

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts)).slice(0, LARGEST);
}

/** The damaged input of this run: one seed through one to four mutations. The same `seed` and `run` always give the same bytes. */
export function mutate(seeds: readonly Uint8Array[], seed: number, run: number): Uint8Array {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(run + 1, 0x85ebca6b));
  let bytes = Uint8Array.from(pick(random, seeds));
  for (let i = 0; i <= below(random, 4) && bytes.length > 0; i++) bytes = Uint8Array.from(pick(random, MUTATIONS)(bytes, random, seeds));
  return bytes;
}
