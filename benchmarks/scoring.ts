/**
 * Windows a second of the main-size LSTM (50 inputs, hidden 128, 3 layers, both directions, windows of 60), against
 * PyTorch on the same cores: every contestant takes its turn in every round, medians of rounds are compared.
 * `PYTHON` names an interpreter with PyTorch (default python3); without one crpbot is measured alone.
 *
 *     node bin/tsx.js benchmarks/scoring.ts [rounds=9] [windows=4096] [threads=all]
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Windows } from '../src/datasets/windows.js';
import { openOnnx } from '../src/engines/onnx/onnx-engine.js';
import { readCheckpoint } from '../src/models/read-checkpoint.js';
import { createRandom } from '../src/random.js';

const PYTHON = process.env.PYTHON ?? 'python3';
const CHECKPOINT = 'models/sample/lstm_ETH-SIM_1m_demo.pt';
const FEATURES = 50;
const LENGTH = 60;

interface Contestant {
  readonly name: string;
  /** Scores all windows once. @returns the sum of P(up), to see that all compute the same */
  run(): Promise<{ readonly seconds: number; readonly sum: number }>;
  close(): Promise<void>;
}

const [rounds = 9, count = 4096, threads = availableParallelism()] = process.argv.slice(2).map(Number);
const random = createRandom(1);
const rowCount = count + LENGTH - 1;
const windows: Windows = {
  rows: Float32Array.from({ length: rowCount * FEATURES }, () => (random() + random() + random() - 1.5) * 2),
  rowCount,
  featureCount: FEATURES,
  length: LENGTH,
  ends: Int32Array.from({ length: count }, (_, index) => LENGTH - 1 + index),
};

async function ours(name: string, head: 'final-hidden' | 'last-step', precision: 'fp32' | 'int8'): Promise<Contestant> {
  const scorer = await openOnnx(readCheckpoint(CHECKPOINT, { head }), { windowLength: LENGTH, precision, threads, device: 'cpu' });
  return {
    name,
    async run() {
      const begin = performance.now();
      const p = await scorer.score(windows);
      return { seconds: (performance.now() - begin) / 1000, sum: p.reduce((sum, value) => sum + value, 0) };
    },
    close: () => scorer.dispose(),
  };
}

async function pytorch(folder: string, head: string, batches: readonly number[]): Promise<Contestant[]> {
  const rowsFile = join(folder, 'rows.f32');
  writeFileSync(rowsFile, windows.rows);
  const child = spawn(PYTHON, ['benchmarks/scoring_pytorch.py', CHECKPOINT, rowsFile, String(FEATURES), String(count), String(LENGTH), String(threads), head], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return batches.map((batch) => ({
    name: `PyTorch, ${head}, batch ${batch}`,
    async run() {
      child.stdin.write(`${batch}\n`);
      const [seconds, sum] = String((await lines.next()).value).split(' ').map(Number);
      return { seconds, sum };
    },
    async close() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  }));
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const folder = mkdtempSync(join(tmpdir(), 'crpbot-scoring-'));
const hasTorch = spawnSync(PYTHON, ['-c', 'import torch, numpy']).status === 0;
if (!hasTorch) console.log(`${PYTHON} has no PyTorch: crpbot is measured alone, no ratio (set PYTHON to one that has)`);
try {
  const contestants = [
    await ours('crpbot, final-hidden, fp32', 'final-hidden', 'fp32'),
    await ours('crpbot, last-step, fp32', 'last-step', 'fp32'),
    await ours('crpbot, final-hidden, int8', 'final-hidden', 'int8'),
    ...(hasTorch ? await pytorch(folder, 'final-hidden', [64, 128, 256]) : []),
  ];
  const speeds = new Map(contestants.map(({ name }) => [name, [] as number[]]));
  for (let round = -1; round < rounds; round++) {
    for (const contestant of contestants) {
      const { name } = contestant;
      const { seconds, sum } = await contestant.run();
      // Round -1 warms up; the sums show that all computed the same thing.
      if (round < 0) console.log(`${name}: mean p ${(sum / count).toFixed(6)}`);
      else speeds.get(name)!.push(count / seconds);
      // PyTorch's threads spin for a moment after their work: let them sleep before the next takes its turn.
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
  console.log(`\n${count} windows, ${rounds} rounds, ${threads} threads each; windows a second, median (range), and ratio to PyTorch`);
  const torch = contestants.filter(({ name }) => name.startsWith('PyTorch'));
  for (const { name } of contestants) {
    const all = speeds.get(name)!;
    const ratios = torch.map((other) => `${median(all.map((speed, round) => speed / speeds.get(other.name)![round])).toFixed(2)} x batch ${other.name.split(' ').at(-1)}`);
    console.log(`${name.padEnd(34)} ${median(all).toFixed(0).padStart(6)} (${Math.min(...all).toFixed(0)} to ${Math.max(...all).toFixed(0)})  ${name.startsWith('crpbot') ? ratios.join(', ') : ''}`);
  }
  await Promise.all(contestants.map((contestant) => contestant.close()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
