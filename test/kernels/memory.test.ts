import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWhen, describeWithTensorFlow } from '../support/requirements.js';
import { jupyterMissing, jupyterPython } from '../support/jupyter.js';
import { KernelSession } from './kernel-session.js';

const EXECUTIONS = 200;
/** Executions before the first look: caches fill, code is compiled. */
const WARM_UP = 40;
const MB = 1e6;

const FIGURE = `import { showFigure } from 'crpbot/notebook/show-figure';
import { level, figureLayout } from 'crpbot/report/figures/style';
showFigure({ data: Array.from({ length: 20 }, (_, index) => level('line ' + index, Math.random(), [0, 1], '#a66bd4')), layout: figureLayout('Lines', {}, {}) });`;

/** 5 MB of tensors, and 4,000 bytes read back. */
const TENSORS = `import { loadTensorFlow } from 'crpbot/engines/tensorflow/load-tensorflow';
const { tf } = await loadTensorFlow({ device: 'cpu', backend: 'tensorflow', threads: 1 });
const product = tf.tidy(() => tf.matMul(tf.ones([1000, 500]), tf.ones([500, 500])).sum(1).dataSync());
product[0]`;

const LOOK = `import v8 from 'node:v8';
import vm from 'node:vm';
v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;
collect();
await new Promise((resolve) => setTimeout(resolve, 20));
collect();
const { rss, heapUsed, external } = process.memoryUsage();
console.log(JSON.stringify({ rss, used: heapUsed + external }));`;

function staysSteady(code: string): void {
  let kernel: KernelSession;
  beforeAll(async () => {
    kernel = await KernelSession.start(tmpdir());
  });
  afterAll(() => kernel.stop());

  const look = async (): Promise<{ rss: number; used: number }> => JSON.parse((await kernel.run(LOOK)).stdout) as { rss: number; used: number };
  const execute = async (times: number): Promise<void> => {
    for (let count = 0; count < times; count++) expect(await kernel.run(code, { timeout: 120 })).toMatchObject({ error: null });
  };

  it(`${EXECUTIONS} times: less than 60 kB stays of each, and the process grows by less than 300 MB`, async () => {
    await execute(WARM_UP);
    const before = await look();
    await execute(EXECUTIONS);
    const after = await look();
    if (process.env.CRPBOT_FIGURES !== undefined) process.stdout.write(`${((after.used - before.used) / EXECUTIONS / 1000).toFixed(1)} kB each, process ${(before.rss / MB).toFixed(0)} to ${(after.rss / MB).toFixed(0)} MB\n`);
    expect((after.used - before.used) / EXECUTIONS).toBeLessThan(60_000);
    // Allocators keep what they have had; 200 times the tensors would be 1,000 MB.
    expect(after.rss - before.rss).toBeLessThan(300 * MB);
  }, 480_000);
}

describeWhen(jupyterPython !== undefined, 'a cell that shows a figure', jupyterMissing, () => staysSteady(FIGURE));

describeWhen(jupyterPython !== undefined, 'a cell that computes', jupyterMissing, () => {
  describeWithTensorFlow('with TensorFlow', () => staysSteady(TENSORS));
});
