import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { describeOnTensorFlow } from '../../support/loaded-tensorflow.js';
import { projectRoot } from '../../support/requirements.js';
import { architectures, forwardLogits } from './forward-logits.js';

describeOnTensorFlow('the forward pass on WebAssembly, in a process of its own', (tensorFlow) => {
  let wasm: { readonly backend: string; readonly logits: Readonly<Record<string, number[]>> };
  beforeAll(() => {
    const printed = execFileSync(process.execPath, ['bin/tsx.js', join('test/engines/tensorflow/forward-logits.ts'), 'print-on-wasm'], { cwd: projectRoot, encoding: 'utf8' });
    wasm = JSON.parse(printed.slice(printed.indexOf('{"backend"'))) as typeof wasm;
  }, 60_000);

  it.each(Object.entries(architectures))("gives TensorFlow's logits to 1e-5: %s", (name, architecture) => {
    expect(wasm.backend).toBe('wasm');
    const expected = forwardLogits(tensorFlow, architecture);
    expect(Math.max(...expected.map((logit, index) => Math.abs(logit - wasm.logits[name][index])))).toBeLessThan(1e-5);
    expect(wasm.logits[name]).toHaveLength(expected.length);
    expect(new Set(expected).size).toBeGreaterThan(5);
  });
});
