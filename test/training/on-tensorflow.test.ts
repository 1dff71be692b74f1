import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { forwardPass } from '../../src/engines/tensorflow/forward.js';
import { loadTensorFlow } from '../../src/engines/tensorflow/load-tensorflow.js';
import { weightShapes } from '../../src/models/weight-shapes.js';
import { initialWeights } from '../../src/training/initial-weights.js';
import { train } from '../../src/training/train.js';
import { stateFile } from '../../src/training/training-state.js';
import { smallLstm } from '../support/random-weights.js';
import { describeWithTensorFlow, projectRoot } from '../support/requirements.js';
import { learnable, quickSettings } from './small-network.js';

describeWithTensorFlow('training on TensorFlow', () => {
  it('holds as many tensors, and as much memory within 5 %, after 1,000 steps of an LSTM', async () => {
    const tensorFlow = await loadTensorFlow({ device: 'cpu', backend: 'tensorflow', threads: 1 });
    const architecture = { ...smallLstm, inputSize: 3 };
    const model = { tensorFlow, forward: forwardPass(tensorFlow, architecture), initial: initialWeights(weightShapes(architecture), 1) };
    const examples = learnable(257 * 8 + 3, 1, 4);
    const tensors: number[] = [];
    const resident: number[] = [];
    const before = tensorFlow.tf.memory().numTensors;
    await train(examples, learnable(99, 2, 4), model, { ...quickSettings, batchSize: 8, epochs: 5, patience: 5, dropout: 0.3 }, {
      onProgress: () => {
        tensors.push(tensorFlow.tf.memory().numTensors);
        if (tensors.length % 200 !== 0) return;
        collectGarbage();
        resident.push(process.memoryUsage().rss);
      },
      now: everyStep(),
    });
    expect(tensors.length).toBeGreaterThan(1000);
    expect(new Set(tensors).size).toBe(1);
    expect(tensorFlow.tf.memory().numTensors).toBe(before);
    expect(resident.length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...resident) / resident[0]).toBeLessThan(1.05);
  }, 120_000);

  it('comes to the same weights when it is killed at any point and started again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'killed-'));
    try {
      const [whole, killed] = await Promise.all([trainIn(join(folder, 'whole')), trainIn(join(folder, 'killed'), /epoch [4-8] of 8/)]);
      expect(killed).not.toContain('weights');
      expect(readFileSync(stateFile(join(folder, 'killed'), 'demo')).length).toBeGreaterThan(0);
      const resumed = await trainIn(join(folder, 'killed'));
      expect(Number(/resumed after (\d)/.exec(resumed)?.[1])).toBeGreaterThanOrEqual(3);
      expect(/weights (.*)/.exec(resumed)?.[1]).toBe(/weights ([0-9a-f]{64})/.exec(whole)?.[1]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);
});

/** What JavaScript has not let go yet is no leak: a full collection comes only every few thousand steps. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** A clock that makes every step worth reporting. */
function everyStep(): () => number {
  let time = 0;
  return () => (time += 1000);
}

/** Runs a training in a process of its own until it ends, or until its output says what it is killed at. */
function trainIn(folder: string, killAt?: RegExp): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [join(projectRoot, 'bin/tsx.js'), join(projectRoot, 'test/training/train-on-tensorflow.ts'), folder], { cwd: projectRoot });
    let output = '';
    child.stdout.on('data', (piece: Buffer) => {
      output += piece.toString();
      if (killAt?.test(output) === true) child.kill('SIGKILL');
    });
    child.stderr.on('data', (piece: Buffer) => (output += piece.toString()));
    child.on('error', failed);
    child.on('close', () => done(output));
  });
}
