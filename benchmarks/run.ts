/**
 * All benchmarks, one after the other: `npm run benchmark`. Each compares its two sides in turns within one run, and each can be run alone.
 * `PYTHON` names an interpreter with PyTorch, pandas and pyarrow; without them crpbot is measured alone and no ratio is printed.
 */
import { spawnSync } from 'node:child_process';

for (const name of ['scoring', 'training', 'tcn', 'features', 'streaming', 'collect', 'large-evaluation', 'gpu']) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, ['bin/tsx.js', `benchmarks/${name}.ts`], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
