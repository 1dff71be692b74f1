import { describe, expect, it } from 'vitest';
import { attempt } from './attempt.js';
import { mutate } from './mutate.js';
import { targets } from './targets.js';

/** 2,000 in all. More: npm run fuzz -- --runs 100000 --target checkpoint */
const RUNS: Readonly<Record<string, number>> = { checkpoint: 1000, csv: 600, parquet: 400 };
const SEED = 20250106;

describe.each(targets)('the $name reader', (target) => {
  const seeds = target.seeds();

  it('accepts every seed it is meant to read, so that damage starts from good input', async () => {
    let accepted = 0;
    for (const bytes of seeds) {
      try {
        await target.attempt(Uint8Array.from(bytes));
        accepted++;
      } catch {
        // The seeds hold refused forms too: their neighbours are worth trying.
      }
    }
    expect(accepted).toBeGreaterThanOrEqual(seeds.length / 3);
  });

  it(`refuses or reads ${RUNS[target.name]} damaged inputs, and does nothing else`, { timeout: 120_000 }, async () => {
    const outcomes = { accepted: 0, refused: 0, finding: 0 };
    for (let run = 0; run < (RUNS[target.name]); run++) {
      const { outcome, message } = await attempt(target, seeds, SEED, run);
      outcomes[outcome]++;
      expect(message, `npm run fuzz -- --target ${target.name} --seed ${SEED} --from ${run} --runs 1`).toBeUndefined();
    }
    // Damage that is always refused, or never, would test nothing.
    expect(outcomes.refused).toBeGreaterThan(0);
    expect(outcomes.accepted).toBeGreaterThan(0);
  });
});

it('repeats an input for the same seed and run', () => {
  const seeds = [Uint8Array.from({ length: 500 }, (_, i) => i)];
  const inputs = Array.from({ length: 50 }, (_, run) => mutate(seeds, 1, run));
  expect(inputs).toEqual(inputs.map((_, run) => mutate(seeds, 1, run)));
  expect(new Set(inputs.map((bytes) => Buffer.from(bytes).toString('base64'))).size).toBeGreaterThan(45);
});
