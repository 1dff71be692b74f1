/** A collector as a process of its own, to be killed: its options as JSON in the first argument. Prints what it collected. */
import { collect } from '../../../src/workflows/collect.js';
import type { CollectOptions } from '../../../src/workflows/collect.js';

let told = false;
const onProgress = (): void => {
  if (!told) process.stdout.write('fetching\n');
  told = true;
};

void collect({ ...(JSON.parse(process.argv[2]) as Omit<CollectOptions, 'now'>), now: Date.now, onProgress }).then(
  (collected) => process.stdout.write(`${JSON.stringify(collected)}\n`),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
