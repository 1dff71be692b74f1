import { writeResults } from '../../src/report/write-results.js';
import { aRun } from './run-result.js';

/** Writes a run's results over and over, for a test that kills it in the middle: node bin/tsx.js THIS FOLDER */
const folder = process.argv[2];
if (folder === undefined) throw new Error('which folder?');
const run = aRun();
for (let second = 0; ; second += 1) {
  writeResults(folder, { ...run, startedAt: run.startedAt + second * 1000 });
  process.stdout.write('written\n');
}
