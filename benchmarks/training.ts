/**
 * Windows a second of training the main-size LSTM (50 inputs, hidden 128, 3 layers, both directions, windows of 60, dropout,
 * clipping, AdamW) against PyTorch: a process each, one thread each; both sides take turns, medians of rounds are compared.
 * CPU seconds are compared too: on a shared machine they say more. `PYTHON` names an interpreter with PyTorch.
 *
 *     node bin/tsx.js benchmarks/training.ts [rounds=5] [processes=1]      PROFILE=1 also prints what a step is spent on
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { createInterface } from 'node:readline';

const PYTHON = process.env.PYTHON ?? 'python3';
/** Batch and steps a turn. */
const SIZES = [[256, 2], [32, 12]] as const;

const [rounds = 5, processes = 1] = process.argv.slice(2).map(Number);

async function start(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    async run(batch: number, steps: number) {
      child.stdin.write(`${batch} ${steps}\n`);
      const [seconds, cpu] = String((await lines.next()).value).split(' ').map(Number);
      return { speed: (batch * steps) / seconds, cpuSpeed: (batch * steps) / cpu };
    },
    async close() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const side = (command: string, args: readonly string[]) => Promise.all(Array.from({ length: processes }, () => start(command, args)));
const hasTorch = spawnSync(PYTHON, ['-c', 'import torch']).status === 0;
if (!hasTorch) console.log(`${PYTHON} has no PyTorch: crpbot is measured alone, no ratio (set PYTHON to one that has)`);
const sides = [await side(process.execPath, ['bin/tsx.js', 'benchmarks/training/lstm.ts']), ...(hasTorch ? [await side(PYTHON, ['benchmarks/training/lstm_pytorch.py'])] : [])];

for (const [batch, steps] of SIZES) {
  const speeds: { speed: number; cpuSpeed: number }[][] = sides.map(() => []);
  for (let round = -1; round < rounds; round++) {
    for (const [index, children] of sides.entries()) {
      const runs = await Promise.all(children.map((child) => child.run(batch, steps)));
      const sum = (key: 'speed' | 'cpuSpeed') => runs.reduce((total, run) => total + run[key], 0);
      // Round -1 warms up.
      if (round >= 0) speeds[index].push({ speed: sum('speed'), cpuSpeed: sum('cpuSpeed') });
    }
  }
  const text = (key: 'speed' | 'cpuSpeed') => {
    const [ours, torch] = speeds.map((runs) => runs.map((run) => run[key]));
    if (torch === undefined) return median(ours).toFixed(0);
    return `${median(ours).toFixed(0)} to PyTorch's ${median(torch).toFixed(0)}, ${median(ours.map((speed, round) => speed / torch[round])).toFixed(2)} x`;
  };
  console.log(`batch ${batch}, ${processes} process${processes === 1 ? '' : 'es'}: windows/s ${text('speed')}; per CPU second ${text('cpuSpeed')} (load ${loadavg()[0].toFixed(1)})`);
}
for (const child of sides.flat()) await child.close();
