/** Uniform draws in [0, 1), 32 bits each. */
export type Random = () => number;

/**
 * A seeded generator: the same `seed` and `stream` give the same draws on every machine. Streams of one seed are
 * independent, so that a figure does not change when another one is computed before it.
 *
 * sfc32 ("small fast counting", Chris Doty-Humphrey, PractRand 0.94; public domain), its state mixed by 15 rounds as
 * the author advises.
 */
export function createRandom(seed: number, stream = 0): Random {
  let a = seed >>> 0;
  let b = Math.floor(Math.abs(seed) / 2 ** 32) >>> 0;
  let c = stream >>> 0;
  let counter = 1;
  const next = (): number => {
    const output = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + output) | 0;
    return (output >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 15; round += 1) next();
  return next;
}

/** A whole number in [0, below). */
export function randomIndex(random: Random, below: number): number {
  return Math.floor(random() * below);
}
